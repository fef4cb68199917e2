// A host with many programs and maps: inspect_state of the executable beside bpftool, by turns.
import { BpfObject } from "../../src/kernel/object.ts";
import { isNode, nodeOf } from "../ffi/json_node.ts";
import { distFolder } from "../paths.ts";
import { timeBpftool } from "./bpftool.ts";
import { McpClient } from "./mcp_client.ts";
import { buildBenchObject } from "./peers.ts";
import { median, type Row } from "./row.ts";

const program = new URL("ebpf-mcp", distFolder).pathname;
const asked = { fields: ["programs", "maps"] };
/** Calls before those that count, so that all loops are compiled. */
const warmups = 10;

/**
 * Milliseconds to walk `count` programs and as many maps, with owners, and to answer a page.
 * bpftool gives all of them, without owners: Debian builds it without its walk of processes.
 */
export async function measureState(rounds: number, count: number): Promise<Row[]> {
  using _objects = await loadObjects(count);
  await using client = await McpClient.connect(program, ["--role", "viewer"]);
  const [ours, programs, both]: [number[], number[], number[]] = [[], [], []];
  for (let warmup = 0; warmup < warmups; warmup++) await inspect(client, count);
  for (let round = 0; round < rounds; round++) {
    ours.push(await inspect(client, count));
    const programsMs = await timeBpftool("prog", "show");
    programs.push(programsMs);
    both.push(programsMs + await timeBpftool("map", "show"));
  }
  const measured = median(ours);
  const what = `${count} programs and maps with owners`;
  return [
    { what, unit: "ms", measured, target: { limit: "at most", value: 60, of: "value" } },
    {
      what,
      unit: "ms",
      measured,
      peer: { name: "bpftool prog", measured: median(programs) },
      target: { limit: "at most", value: 1, of: "ratio" },
    },
    {
      what,
      unit: "ms",
      measured,
      peer: { name: "bpftool prog, map", measured: median(both) },
      target: { limit: "at most", value: 1, of: "ratio" },
    },
  ];
}

/** Objects with a program, a map and BTF each, which this process holds. */
async function loadObjects(count: number): Promise<DisposableStack> {
  using owned = new DisposableStack();
  const bytes = await Deno.readFile(await buildBenchObject("bench_state"));
  for (let loaded = 0; loaded < count; loaded++) {
    const object = owned.use(BpfObject.open(bytes, { name: "bench_state" }));
    const failure = await object.load();
    if (failure !== 0) throw new Error(`bench_state does not load: errno ${failure}`);
  }
  return owned.move();
}

async function inspect(client: McpClient, count: number): Promise<number> {
  const started = performance.now();
  const { result } = await client.request("tools/call", {
    name: "inspect_state",
    arguments: asked,
  });
  const elapsed = performance.now() - started;
  const answer = nodeOf(result, "structuredContent");
  for (const list of asked.fields) {
    const page = answer[list];
    const total = isNode(page) ? Number(page.total) : NaN;
    if (!(total >= count)) throw new Error(`inspect_state tells of ${total} ${list}`);
  }
  return elapsed;
}
