// triage: that its looks have the time that was asked for, and count by the time they had.
import assert from "node:assert/strict";
import { observeGadget } from "../../src/gadgets/observation.ts";
import { OverheadBudget } from "../../src/gadgets/overhead_budget.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { never } from "../support/session.ts";
import { ToolSession } from "../support/tool_calls.ts";

kernelTest("triage begins its time when every look has begun", async () => {
  await using tools = new ToolSession();
  const attached: number[] = [];
  const progress = () => void attached.push(tools.session.attachments.size);
  await tools.call("triage", { seconds: 2 }, { progress });
  assert.ok(attached.length >= 2 && attached[0] > 0);
  assert.deepEqual(new Set(attached), new Set([attached[0]]));
});

kernelTest("observeGadget tells how long it looked, also when it cost too much", async () => {
  await using tools = new ToolSession();
  using budget = new OverheadBudget(100);
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const begun = () => void setTimeout(resolve, 400);
  const wish = { gadget: "exec_snoop", params: {} };
  const watch = { over, budget, begun, signal: never };
  const { seconds } = await observeGadget(tools.session, wish, watch);
  assert.ok(seconds >= 0.39 && seconds < 5, `${seconds} s`);
  assert.equal(tools.session.attachments.size, 0);
});
