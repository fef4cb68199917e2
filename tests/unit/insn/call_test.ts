import assert from "node:assert/strict";
import { type Call, callOf, type WideKind, wideKindOf } from "../../../src/insn/call.ts";
import { instructions } from "../../../src/insn/instruction.ts";
import {
  helperCall,
  insn,
  kfuncCall,
  ldImm64,
  subprogramCall,
} from "../../support/insn_builder.ts";

const calls: readonly [name: string, bytes: Uint8Array, wanted: Call | null][] = [
  ["a helper", helperCall(1), { kind: "helper", id: 1 }],
  ["an unknown helper", helperCall(9999), { kind: "helper", id: 9999 }],
  ["a negative helper id", helperCall(-1), { kind: "helper", id: -1 }],
  ["a kfunc", kfuncCall(4711), { kind: "kfunc", id: 4711, module: 0 }],
  ["a kfunc of a module", kfuncCall(4711, 2), { kind: "kfunc", id: 4711, module: 2 }],
  ["a subprogram", subprogramCall(5), { kind: "subprogram", target: 6 }],
  ["a subprogram before it", subprogramCall(-3), { kind: "subprogram", target: -2 }],
  ["an unresolved relocation", helperCall(0xbad2310), {
    kind: "poison",
    unresolved: "core_relocation",
    number: 0,
  }],
  ["an unresolved map", helperCall(2001000003), {
    kind: "poison",
    unresolved: "map",
    number: 3,
  }],
  ["an unresolved kfunc", helperCall(2002000007), {
    kind: "poison",
    unresolved: "kfunc",
    number: 7,
  }],
  ["a weak kfunc", kfuncCall(0), { kind: "poison", unresolved: "kfunc", number: 0 }],
  ["beyond the poison", helperCall(2003000000), { kind: "helper", id: 2003000000 }],
  ["before the poison", helperCall(2000999999), { kind: "helper", id: 2000999999 }],
  ["by a register", insn(0x8d, { imm: 1 }), { kind: "unknown", id: 1 }],
  ["with 32 bits", insn(0x86, { imm: 1 }), { kind: "unknown", id: 1 }],
  ["an unknown source", insn(0x85, { src: 3, imm: 1 }), { kind: "unknown", id: 1 }],
  ["exit", insn(0x95), null],
  ["a load", ldImm64(1, 0x85n), null],
  ["addition", insn(0x87), null],
];

for (const [name, bytes, wanted] of calls) {
  Deno.test(`callOf tells ${name}`, () => {
    const [instruction] = instructions(bytes);
    assert.deepEqual(callOf(instruction), wanted);
  });
}

Deno.test("wideKindOf tells what each ld_imm64 stands for", () => {
  const wanted: (WideKind | null)[] = [
    "value",
    "map_fd",
    "map_value",
    "btf_id",
    "function",
    "map_index",
    "map_index_value",
    "unknown",
  ];
  wanted.forEach((kind, src) => {
    const [instruction] = instructions(ldImm64(1, 1n, src));
    assert.equal(wideKindOf(instruction), kind);
  });
  const [call] = instructions(helperCall(1));
  assert.equal(wideKindOf(call), null);
});
