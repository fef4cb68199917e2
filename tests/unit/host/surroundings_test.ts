import assert from "node:assert/strict";
import { parseControlGroups, seccompOf, showsAddresses } from "../../../src/host/surroundings.ts";

Deno.test("seccompOf reads the mode, and null where the file has none", () => {
  assert.equal(seccompOf("NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n"), "none");
  assert.equal(seccompOf("Seccomp:\t2\n"), "filter");
  assert.equal(seccompOf("Seccomp_filters:\t2\n"), null);
  assert.equal(seccompOf(""), null);
});

Deno.test("showsAddresses tells hidden addresses from shown ones", () => {
  assert.equal(showsAddresses("0000000000000000 T _stext\n0000000000000000 T _text\n"), false);
  assert.equal(showsAddresses("0000000000000000 A fixed\nffffffff81000000 T _text\n"), true);
  assert.equal(showsAddresses("0000000000000000 T dead00 beef\n"), false);
});

const groups: readonly [file: string, version: string | null, path: string | null][] = [
  ["0::/user.slice", "2", "/user.slice"],
  ["9:name=systemd:/\n4:memory:/a\n0::/", "1 and 2", "/"],
  ["4:memory:/a\n1:cpu:/", "1", null],
  ["", null, null],
];

for (const [file, version, path] of groups) {
  Deno.test(`parseControlGroups reads ${JSON.stringify(file)} as version ${version}`, () => {
    assert.deepEqual(parseControlGroups(file), { version, path });
  });
}
