import assert from "node:assert/strict";
import fc from "fast-check";
import { ElfFile } from "../../../src/elf/elf.ts";
import { EBPFError } from "../../../src/errors.ts";
import { objectFile } from "./object_file.ts";

/** Reads all there is; true when it was an object, false when it was refused as it should be. */
function isRead(bytes: Uint8Array): boolean {
  try {
    const elf = ElfFile.parse(bytes);
    elf.functions();
    for (const section of elf.sections) {
      assert.ok(section.data().length <= bytes.length);
      for (const { symbol } of elf.relocations(section)) assert.ok(symbol < elf.symbolCount);
    }
    assert.ok((elf.license ?? "").length <= 63);
    return true;
  } catch (error) {
    if (error instanceof EBPFError && error.code === "invalid_elf") return false;
    throw error;
  }
}

Deno.test("ElfFile reads or refuses any bytes, and never fails otherwise", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    isRead(bytes);
  }));
});

Deno.test("ElfFile reads or refuses an object with any bytes changed", () => {
  const change = fc.tuple(fc.nat(objectFile().length - 1), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
      const file = objectFile();
      for (const [at, byte] of changes) file[at] = byte;
      isRead(file);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("ElfFile refuses every cut of an object as truncated, from the magic on", () => {
  const file = objectFile();
  for (let size = 1; size < file.length; size++) {
    assert.throws(() => ElfFile.parse(file.subarray(0, size)), (error) => {
      assert.ok(error instanceof EBPFError);
      return error.context.reason === "truncated";
    }, `${size}`);
  }
});
