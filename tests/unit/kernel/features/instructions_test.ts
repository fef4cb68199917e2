import assert from "node:assert/strict";
import { disassembly } from "../../../../src/insn/disassemble.ts";
import {
  helperCall,
  kfuncCall,
  returnOne,
  returnZero,
} from "../../../../src/kernel/features/instructions.ts";

Deno.test("probes are made of the instructions that they are meant to be", () => {
  assert.deepEqual([...disassembly(returnZero())], ["0: (b7) r0 = 0", "1: (95) exit"]);
  assert.deepEqual([...disassembly(returnOne())], ["0: (b7) r0 = 1", "1: (95) exit"]);
});

Deno.test("a probe of a call can never be loaded: it reads through a register never set", () => {
  for (const image of [helperCall(14), kfuncCall(63511)]) {
    const [call = "", read = "", exit = ""] = disassembly(image);
    assert.match(call, /^0: \(85\) call /);
    assert.match(read, /^1: \(79\) r0 = \*\(u64 \*\)\(r9 \+0\)/);
    assert.match(exit, /exit/);
  }
  assert.equal(helperCall(14)[1], 0, "a helper");
  assert.equal(kfuncCall(1)[1], 0x20, "a kernel function");
});
