import assert from "node:assert/strict";
import { parseMaps } from "../../../src/host/process_maps.ts";

const maps = `\
55d0c0a00000-55d0c0a02000 r--p 00000000 fe:01 1234                       /usr/bin/a b (deleted)
55d0c0a02000-55d0c0a08000 r-xp 00002000 fe:01 1234                       /usr/bin/a b (deleted)
7f0000000000-7f0000001000 rwxp 00000000 00:00 0 
7ffd1c5f0000-7ffd1c5f2000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
not a line
`;

Deno.test("parseMaps: gives what may be executed, with its file and place in it", () => {
  const found = parseMaps(maps);
  assert.deepEqual(found.map(({ path }) => path), [
    "/usr/bin/a b (deleted)",
    "",
    "[vdso]",
    "[vsyscall]",
  ]);
  assert.deepEqual(found[0], {
    start: 0x55d0c0a02000,
    end: 0x55d0c0a08000,
    fileOffset: 0x2000,
    file: "fe:01 1234",
    path: "/usr/bin/a b (deleted)",
  });
  assert.equal(found[1]?.file, "00:00 0");
  assert.deepEqual(parseMaps(""), []);
});
