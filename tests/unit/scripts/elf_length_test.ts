import assert from "node:assert/strict";
import { elfLength } from "../../../scripts/elf_length.ts";

/** An ELF header whose section headers end at `end`, followed by `appended` bytes. */
function executable(end: number, appended: number): Uint8Array {
  const file = new Uint8Array(end + appended);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x7f454c46);
  view.setBigUint64(40, BigInt(end - 3 * 64), true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 3, true);
  return file;
}

Deno.test("elfLength ends with the section headers and leaves out what was appended", () => {
  assert.equal(elfLength(executable(1000, 0)), 1000);
  assert.equal(elfLength(executable(1000, 77)), 1000);
});

Deno.test("elfLength refuses what is no ELF file or is cut short", () => {
  assert.throws(() => elfLength(new Uint8Array(10)), /not an ELF file/);
  assert.throws(() => elfLength(new Uint8Array(100)), /not an ELF file/);
  assert.throws(
    () => elfLength(executable(1000, 0).subarray(0, 900)),
    /has 900 bytes, claims 1000/,
  );
});
