// A pattern that cannot be read is refused by the name of the argument that it came in.
import assert from "node:assert/strict";
import { kernelTest } from "../support/kernel_test.ts";
import { ToolRefusal, ToolSession } from "../support/tool_calls.ts";

const patternArguments: readonly (readonly [tool: string, argument: string])[] = [
  ["inspect_hooks", "target"],
  ["list_tracepoints", "category"],
  ["list_tracepoints", "pattern"],
  ["list_kernel_functions", "module"],
  ["list_kernel_functions", "pattern"],
  ["list_bpf_program_types", "pattern"],
  ["list_bpf_map_types", "pattern"],
  ["get_btf_types", "pattern"],
  ["inspect_state", "name"],
];

kernelTest(
  "listPattern's refusal names the argument of each tool that takes a pattern",
  async () => {
    await using tools = new ToolSession();
    for (const [tool, argument] of patternArguments) {
      for (const pattern of ["/[z-a]/", "/^read/g", "/^[[:alpha:]]/"]) {
        await assert.rejects(tools.call(tool, { [argument]: pattern }), (error) => {
          assert.ok(error instanceof ToolRefusal, `${tool}: ${error}`);
          assert.equal(error.code, "invalid_arguments");
          assert.deepEqual(error.context.arguments, [argument], `${tool} ${pattern}`);
          assert.match(String(error.context.hint), /regular expression/);
          return true;
        });
      }
    }
  },
);

kernelTest("inspect_hooks takes a control group's path for a path", async () => {
  await using tools = new ToolSession();
  for (const target of ["/", "/system.slice", "/a/g", "/system.slice/*.service"]) {
    await tools.call("inspect_hooks", { kind: "cgroup", target });
  }
});
