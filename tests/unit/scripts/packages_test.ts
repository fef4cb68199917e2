import assert from "node:assert/strict";
import { parseUri } from "../../../scripts/corpus/packages.ts";

const sum = "a699f420be4f47662622d9505538e1c9f4499d23bca8961460001df288778519";

Deno.test("parseUri: reads apt-get's line", () => {
  const line = `'http://debian.example/pool/t_1%2bds-1_amd64.deb' t_1+ds-1_amd64.deb 12 SHA256:`;
  assert.deepEqual(parseUri(`${line}${sum}\n`), { file: "t_1+ds-1_amd64.deb", sha256: sum });
});

Deno.test("parseUri: refuses a package without a SHA256", () => {
  assert.throws(
    () => parseUri("'http://debian.example/t.deb' t_1_amd64.deb 12 MD5Sum:00\n"),
    /SHA256/,
  );
  assert.throws(() => parseUri(""), /SHA256/);
});
