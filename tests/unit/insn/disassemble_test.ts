import assert from "node:assert/strict";
import fc from "fast-check";
import { disassemble, disassembly, type FunctionNames } from "../../../src/insn/disassemble.ts";
import { instructions } from "../../../src/insn/instruction.ts";
import { helperCall, image, insn, kfuncCall, ldImm64 } from "../../support/insn_builder.ts";

const names: FunctionNames = {
  helpers: new Map([
    [1, "bpf_map_lookup_elem"],
    [5, "bpf_ktime_get_ns"],
    [7, "bpf_get_prandom_u32"],
  ]),
  kfuncs: new Map([[4711, "bpf_task_acquire"]]),
};

function lineOf(bytes: Uint8Array): string {
  const [instruction] = instructions(bytes);
  return disassemble(instruction, names);
}

Deno.test("disassemble says what the kernel's verifier log says", () => {
  const golden = new URL("../../testdata/insn/verifier_log_6_18.txt", import.meta.url);
  const lines = Deno.readTextFileSync(golden).split("\n");
  const rows = lines.filter((line) => line !== "" && !line.startsWith("#"));
  assert.ok(rows.length > 150);
  for (const row of rows) {
    const [bytes, ...text] = row.split(" ");
    assert.equal(lineOf(Uint8Array.fromHex(bytes)), text.join(" "), bytes);
  }
});

const table: readonly [text: string, bytes: Uint8Array][] = [
  ["r1 = map[fd:5]", ldImm64(1, 5n, 1)],
  ["r1 = map[fd:5][0]+16", ldImm64(1, 16n << 32n | 5n, 2)],
  ["r1 = btf[id:99]", ldImm64(1, 99n, 3)],
  ["r2 = subprog[+7]", ldImm64(2, 7n, 4)],
  ["r1 = map[idx:2]", ldImm64(1, 2n, 5)],
  ["r1 = map[idx:2][0]+8", ldImm64(1, 8n << 32n | 2n, 6)],
  ["r1 = 0xffffffffffffffff", ldImm64(1, -1n)],
  ["call bpf_task_acquire#4711", kfuncCall(4711)],
  ["call unknown#9999", helperCall(9999)],
  ["call <unresolved CO-RE relocation>#195896080", helperCall(195896080)],
  ["call <unresolved map>#2001000003", helperCall(2001000003)],
  ["call <unresolved kernel function>#2002000000", helperCall(2002000000)],
  ["call pc-3", insn(0x85, { src: 1, imm: -3 })],
  ["goto pc-1", insn(0x05, { offset: -1 })],
  ["gotol pc+70000", insn(0x06, { imm: 70000 })],
  ["gotox r3", insn(0x0d, { dst: 3 })],
  ["r1 = addr_space_cast(r2, 1, 0)", insn(0xbf, { dst: 1, src: 2, offset: 1, imm: 1 << 16 })],
  ["r1 = &(void __percpu *)(r2)", insn(0xbf, { dst: 1, src: 2, offset: -1 })],
  ["invalid 0x18", insn(0x18)],
  ["invalid 0x99", insn(0x99)],
  ["invalid 0x8d", insn(0x8d)],
  ["invalid 0x96", insn(0x96)],
  ["invalid 0xe7", insn(0xe7)],
  ["invalid 0xdb", insn(0xdb, { imm: 0x30 })],
  ["invalid 0xc2", insn(0xc2)],
];

for (const [text, bytes] of table) {
  Deno.test(`disassemble writes ${text}`, () => assert.equal(lineOf(bytes), text));
}

Deno.test("disassembly numbers lines as the kernel does, both halves of ld_imm64 counted", () => {
  const bytes = image(ldImm64(1, 5n, 1), helperCall(1), insn(0x95));
  assert.deepEqual([...disassembly(bytes, names)], [
    "0: (18) r1 = map[fd:5]",
    "2: (85) call bpf_map_lookup_elem#1",
    "3: (95) exit",
  ]);
});

Deno.test("disassembly has a line of printable text for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 512 }), (bytes) => {
      const whole = bytes.subarray(0, bytes.length - bytes.length % 8);
      for (const line of disassembly(whole)) {
        assert.match(line, /^\d+: \([0-9a-f]{2}\) [ -~]+$/);
        assert.doesNotMatch(line, /undefined|null|NaN/);
      }
    }),
    { numRuns: 500 },
  );
});
