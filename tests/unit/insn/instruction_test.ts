import assert from "node:assert/strict";
import fc from "fast-check";
import { EBPFError } from "../../../src/errors.ts";
import { instructionCount, instructions } from "../../../src/insn/instruction.ts";
import { exit, helperCall, image, insn, ldImm64 } from "../../support/insn_builder.ts";

Deno.test("instructions yields every field with its sign", () => {
  const [first] = instructions(insn(0x7b, { dst: 10, src: 7, offset: -8, imm: -2 }));
  assert.deepEqual(first, {
    index: 0,
    opcode: 0x7b,
    dst: 10,
    src: 7,
    offset: -8,
    imm: -2,
    imm64: null,
  });
});

Deno.test("instructions joins both halves of an ld_imm64, and the next index is two on", () => {
  const bytes = image(ldImm64(3, 0xfedcba98_76543210n), exit());
  const [wide, last] = instructions(bytes);
  assert.equal(wide.imm64, 0xfedcba98_76543210n);
  assert.equal(wide.imm, 0x76543210);
  assert.equal(last.index, 2);
  assert.equal(instructionCount(bytes), 3);
});

Deno.test("instructions hides nothing in the second half of an ld_imm64", () => {
  const halves = [helperCall(1), insn(0, { dst: 1 }), insn(0, { src: 1 }), insn(0, { offset: 1 })];
  for (const half of halves) {
    const all = [...instructions(image(insn(0x18, { dst: 1 }), half))];
    assert.equal(all.length, 2);
    assert.equal(all[0].imm64, null);
    assert.equal(all[1].index, 1);
  }
});

Deno.test("instructions yields an ld_imm64 that the image cuts in two", () => {
  const [half] = instructions(insn(0x18, { imm: 5 }));
  assert.equal(half.imm64, null);
  assert.equal(half.imm, 5);
});

Deno.test("instructions reads an image that does not start its buffer", () => {
  const bytes = image(exit(), insn(0xb7, { imm: 9 })).subarray(8);
  assert.deepEqual([...instructions(bytes)].map(({ imm }) => imm), [9]);
});

Deno.test("instructions refuses half an instruction with the current and the wanted size", () => {
  assert.throws(() => [...instructions(new Uint8Array(12))], (error) => {
    assert.ok(error instanceof EBPFError);
    assert.equal(error.code, "invalid_arguments");
    assert.match(error.message, /has 12 bytes, wanted a multiple of 8/);
    return true;
  });
});

Deno.test("instructions covers every place of any image exactly once", () => {
  const words = fc.array(fc.constantFrom(0x18, 0x85, 0x00, 0x95), { maxLength: 30 });
  fc.assert(fc.property(words, (opcodes) => {
    const bytes = image(...opcodes.map((opcode) => insn(opcode)));
    const places = [...instructions(bytes)].flatMap(({ index, imm64 }) =>
      imm64 === null ? [index] : [index, index + 1]
    );
    assert.deepEqual(places, opcodes.map((_, index) => index));
  }));
});
