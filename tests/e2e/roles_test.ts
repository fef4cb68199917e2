// What a role or a flag hides: not listed, told in the instructions, and refused with the remedy.
import assert from "node:assert/strict";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { permission, requireError } from "../support/refusals.ts";

const reflect = [
  "get_btf_types",
  "inspect_hooks",
  "inspect_state",
  "list_bpf_map_types",
  "list_bpf_program_types",
  "list_kernel_functions",
  "list_tracepoints",
  "system_info",
];
const read = [...reflect, "list_gadgets", "map_dump"];
const observe = [
  "read_stream",
  "run_gadget",
  "stop_stream",
  "stream_events",
  "trace_errors",
  "triage",
];
const change = ["attach_program", "detach_link", "load_program", "unload_program"];

async function listed(session: McpSession): Promise<string[]> {
  const { tools } = await session.client.listTools();
  return tools.map(({ name }) => name).sort();
}

interface Reach {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly tools: readonly string[];
  /** A tool out of reach, and what the refusal says of it. */
  readonly hidden?: readonly [tool: string, context: Readonly<Record<string, unknown>>];
}

const observer = [...observe, ...read];
const all = [...change, ...observer];
const wantsOperator = { role: "observer", wanted_role: "operator" };

const reaches: Readonly<Record<string, Reach>> = {
  "a client is an observer by default": {
    args: [],
    tools: observer,
    hidden: ["load_program", wantsOperator],
  },
  "--role viewer reads": {
    args: ["--role", "viewer"],
    tools: read,
    hidden: ["run_gadget", { role: "viewer", wanted_role: "observer" }],
  },
  "--read-only is the role viewer": {
    args: ["--read-only"],
    tools: read,
    hidden: ["attach_program", { role: "viewer", wanted_role: "operator" }],
  },
  "--role operator changes": { args: ["--role", "operator"], tools: all },
  "EBPF_MCP_ROLE is the flag's twin": {
    args: [],
    env: { EBPF_MCP_ROLE: "operator" },
    tools: all,
  },
  "a flag wins over its twin": {
    args: ["--role", "observer"],
    env: { EBPF_MCP_ROLE: "admin" },
    tools: observer,
    hidden: ["detach_link", wantsOperator],
  },
  "EBPF_MCP_READ_ONLY is the flag's twin": {
    args: [],
    env: { EBPF_MCP_READ_ONLY: "1" },
    tools: read,
  },
  "--toolsets selects": {
    args: ["--role", "admin", "--toolsets", "reflect,map_op"],
    tools: [...reflect, "map_dump"],
    hidden: ["load_program", { flag: "--toolsets" }],
  },
  "--tools adds to --toolsets": {
    args: ["--role", "admin", "--toolsets", "reflect", "--tools", "load_program"],
    tools: [...reflect, "load_program"],
    hidden: ["map_dump", { flag: "--toolsets" }],
  },
  "--exclude-tools wins over both": {
    args: ["--role", "admin", "--tools", "load_program,map_dump", "--exclude-tools", "map_dump"],
    tools: ["load_program"],
    hidden: ["map_dump", { flag: "--exclude-tools" }],
  },
  "EBPF_MCP_EXCLUDE_TOOLS is the flag's twin": {
    args: ["--read-only"],
    env: { EBPF_MCP_EXCLUDE_TOOLS: "map_dump,inspect_state" },
    tools: read.filter((tool) => !["map_dump", "inspect_state"].includes(tool)),
    hidden: ["map_dump", { flag: "--exclude-tools" }],
  },
};

kernelTest("tools/list shows what is within reach, and the rest is refused", async (t) => {
  for (const [what, { args, env, tools, hidden }] of Object.entries(reaches)) {
    await t.step(what, async () => {
      await using session = await McpSession.start({ args, ...(env === undefined ? {} : { env }) });
      assert.deepEqual(await listed(session), [...tools].sort());
      const instructions = session.client.getInstructions() ?? "";
      const beyond = all.filter((tool) => !tools.includes(tool));
      for (const tool of beyond) assert.ok(instructions.includes(tool), `${tool} is told`);
      if (hidden === undefined) return;
      const [tool, context] = hidden;
      const error = await session.refusal(tool, { whatever: "it is refused before" });
      requireError(error, permission("tool_not_allowed", { context: { tool, ...context } }));
      assert.match(error.context.hint ?? "", /--(role|toolsets|tools|exclude-tools)/);
      assert.ok(instructions.includes(Object.values(context).at(-1)?.toString() ?? "?"));
    });
  }
});

kernelTest("a role that hides nothing has nothing to tell", async () => {
  await using session = await McpSession.start({ args: ["--role", "admin"] });
  assert.doesNotMatch(session.client.getInstructions() ?? "", /not within its reach/);
});
