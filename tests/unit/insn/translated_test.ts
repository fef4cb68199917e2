import assert from "node:assert/strict";
import fc from "fast-check";
import { instructions } from "../../../src/insn/instruction.ts";
import { type CallNames, disassembleTranslated } from "../../../src/insn/translated.ts";
import { helperCall, insn, kfuncCall, ldImm64 } from "../../support/insn_builder.ts";

const names: CallNames = {
  helper: (id) => id === 12 ? "bpf_tail_call" : null,
  kernelFunction: (distance) => distance === -61360 ? "bpf_trace_printk" : null,
  subprogram: (index) => index === 1 ? "bpf_prog_f6975fbfee58ac0c_sub" : null,
};

function textOf(bytes: Uint8Array): string {
  const [instruction] = instructions(bytes);
  return disassembleTranslated(instruction, names);
}

const table: readonly [text: string, bytes: Uint8Array][] = [
  ["r1 = map[id:326530]", ldImm64(1, 326530n, 1)],
  ["r6 = map[id:326532][0]+8", ldImm64(6, 8n << 32n | 326532n, 2)],
  ["r2 = subprog[+31]", ldImm64(2, 31n, 4)],
  ["r2 = subprog[-4]", ldImm64(2, 0xfffffffcn, 4)],
  ["r1 = 0xffffffff83a1c2c4", ldImm64(1, 0xffffffff83a1c2c4n)],
  ["call bpf_tail_call#12", helperCall(12)],
  ["call bpf_trace_printk#-61360", helperCall(-61360)],
  ["call bpf_trace_printk#-61360", kfuncCall(-61360)],
  ["call unknown#271232", helperCall(271232)],
  ["call pc+35#bpf_prog_f6975fbfee58ac0c_sub", insn(0x85, { src: 1, offset: 35, imm: 1 })],
  ["call pc-7", insn(0x85, { src: 1, offset: -7, imm: 2 })],
  ["nospec", insn(0xc2)],
  ["r0 = &(void __percpu *)(r0)", insn(0xbf, { offset: -1 })],
  ["r6 = *(u32 *)(r1 +176)", insn(0x61, { dst: 6, src: 1, offset: 176 })],
  ["lock *(u32 *)(r6 +0) += r1", insn(0xc3, { dst: 6, src: 1 })],
  ["invalid 0x18", insn(0x18)],
  ["invalid 0x99", insn(0x99)],
];

for (const [text, bytes] of table) {
  Deno.test(`disassembleTranslated writes ${text} for ${bytes.toHex()}`, () => {
    assert.equal(textOf(bytes), text);
  });
}

Deno.test("disassembleTranslated has printable text for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 512 }), (bytes) => {
      const whole = bytes.subarray(0, bytes.length - bytes.length % 8);
      for (const instruction of instructions(whole)) {
        const text = disassembleTranslated(instruction, names);
        assert.match(text, /^[ -~]+$/);
        assert.doesNotMatch(text, /undefined|null|NaN/);
      }
    }),
    { numRuns: 500 },
  );
});
