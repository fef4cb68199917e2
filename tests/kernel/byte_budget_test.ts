// The smallest --byte-budget that is taken, and the largest answer that each tool can be asked for.
import assert from "node:assert/strict";
import * as z from "zod";
import { systemParts } from "../../src/tools/system_info.ts";
import { toolbox } from "../../src/tools/toolbox.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load, mapId, runProgram } from "../support/loaded.ts";
import { buildObject, type ObjectName } from "../support/objects.ts";
import { ToolSession } from "../support/tool_calls.ts";

const smallest = 8192;
const encoder = new TextEncoder();

const made = z.object({
  object_id: z.string(),
  programs: z.array(z.object({ program_id: z.int() })),
});
const attachedTo = z.object({ attachment_id: z.string() });
const streaming = z.object({ stream_id: z.string() });

/** Calls tools, and holds each answer against the budget. */
class Meter implements AsyncDisposable {
  readonly tools = new ToolSession({
    "byte-budget": String(smallest),
    role: "admin",
    objects: "/",
  });
  readonly asked = new Set<string>();
  readonly tooLong: string[] = [];

  async ask(tool: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    const answer = await this.tools.call(tool, args);
    const { length } = encoder.encode(JSON.stringify(answer));
    if (length > smallest) this.tooLong.push(`${tool} ${JSON.stringify(args)}: ${length} bytes`);
    this.asked.add(tool);
    return answer;
  }

  async load(name: ObjectName): Promise<z.infer<typeof made>> {
    const source = { type: "file", path: await buildObject(name) };
    return made.parse(await this.ask("load_program", { source }));
  }

  /** Loads an object that a test looks into. */
  async own(name: ObjectName, globals: Readonly<Record<string, unknown>> = {}) {
    const object = await load(name, globals);
    await this.tools.session.objects.add(object.objectId, object);
    return object;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tools[Symbol.asyncDispose]();
  }
}

const everyRow = { limit: 1000 };
const longPath = `task_struct${".real_parent".repeat(30)}.pid`;
const parts = ["programs", "maps", "links", "btf", "session", "tools"];

/** The largest answers of the tools that look at the host alone. */
const looks: readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>])[] = [
  ["inspect_state", everyRow],
  ["inspect_state", { fields: parts, ...everyRow }],
  ["inspect_hooks", everyRow],
  ["system_info", { fields: systemParts }],
  ["list_tracepoints", { fields: ["format", "arguments", "btf_arguments"], ...everyRow }],
  ["list_kernel_functions", { with: ["prototype", "address"], ...everyRow }],
  ["get_btf_types", { depth: 8, ...everyRow }],
  ["get_btf_types", { pattern: "task_struct", as: "c", depth: 8 }],
  ["get_btf_types", { path: longPath }],
  ["get_btf_types", { pattern: "list_head", containers: "value" }],
  ["list_bpf_program_types", everyRow],
  ["list_bpf_program_types", { helpers_for: "xdp", ...everyRow }],
  ["list_bpf_program_types", { kfuncs_for: "xdp", ...everyRow }],
  ["list_bpf_map_types", everyRow],
  ["list_gadgets", {}],
  ["list_gadgets", { name: "exec_snoop" }],
];

kernelTest(
  "every tool keeps to the smallest byte budget, with the most that it holds",
  async () => {
    await using meter = new Meter();
    const many = await meter.load("many_programs");
    const one = many.programs[0]?.program_id;
    await meter.ask("inspect_state", { graph: `program:${one}`, depth: 4, ...everyRow });
    await meter.ask("inspect_state", { fields: ["verifier"], object_id: many.object_id });
    for (const [tool, args] of looks) await meter.ask(tool, args);
    await meter.ask("unload_program", { object_id: many.object_id });
    const { programs: [hook] } = await meter.load("attach_kinds");
    assert.ok(hook !== undefined);
    await meter.ask("run_gadget", { gadget: "exec_snoop", duration_ms: 50 });
    await meter.ask("trace_errors", { duration_ms: 50 });
    await meter.ask("triage", { seconds: 1 });
    await streams(meter);
    assert.deepEqual(meter.tooLong, []);
    const missed = toolbox.map(({ name }) => name).filter((name) => !meter.asked.has(name));
    assert.deepEqual(missed, [], "a tool that nobody asks here");
  },
);

/** Three hundred events, of which a page has room for some. */
async function streams(meter: Meter): Promise<void> {
  const object = await meter.own("flood", { burst: 300 });
  const hook = object.programs.find(({ program }) => program.name === "on_getppid");
  const given = { program_id: hook?.info.id, attachment: { type: "auto" } };
  const { attachment_id } = attachedTo.parse(await meter.ask("attach_program", given));
  await meter.ask("detach_link", { attachment_id });
  const map_id = mapId(object, "events");
  runProgram(object, "produce");
  const { stream_id } = streaming.parse(
    await meter.ask("stream_events", { map_id, background: true }),
  );
  await meter.ask("read_stream", { stream_id, wait_ms: 100 });
  await meter.ask("stop_stream", { stream_id });
  runProgram(object, "produce");
  await meter.ask("stream_events", { map_id, duration_ms: 50, max_events: 300 });
  await meter.ask("map_dump", { map_id: mapId(await meter.own("maps"), "large") });
}
