// The newcomer's demo proves what it shows, and notices when something stays behind.
import assert from "node:assert/strict";
import { run } from "../../scripts/command.ts";
import { kernelTest } from "../support/kernel_test.ts";

async function demo(...args: string[]) {
  const script = new URL("../../scripts/demo.ts", import.meta.url).pathname;
  return await run(Deno.execPath(), ["run", "-A", script, "--built", ...args]);
}

kernelTest("the demo ends with every claim proven", async () => {
  const { code, stdout, stderr } = await demo();
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\n7 claims, each confirmed by a second process/);
  assert.doesNotMatch(stdout, /FALSE/);
  // deno-lint-ignore no-control-regex -- a terminal must get no control character but the newline
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/);
});

kernelTest("the demo exits with 1 when a program was pinned behind the server's back", async () => {
  const { code, stdout, stderr } = await demo("--plant-leak");
  assert.equal(code, 1);
  assert.match(stdout, /FALSE {3}no program of .* still there: \d+\n/);
  assert.match(stderr, /claims do not hold/);
  await assert.rejects(Deno.stat("/sys/fs/bpf/ebpf-mcp-demo-leak"), Deno.errors.NotFound);
});
