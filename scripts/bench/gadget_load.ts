// How long a gadget takes to load, and until it watches: every gadget in turn, in one server.
import { isNode, type JsonNode, nodeOf, textOf } from "../ffi/json_node.ts";
import { distFolder, embeddedFolder } from "../paths.ts";
import { McpClient } from "./mcp_client.ts";
import { median, type Row } from "./row.ts";

const program = new URL("ebpf-mcp", distFolder).pathname;
const objects = new URL("gadgets/", embeddedFolder);
const suffix = ".bpf.o";

/**
 * Milliseconds that load_program itself takes for a gadget's object, nothing attached; and from the
 * call of run_gadget in the background to its answer, by which its programs are attached. Of each
 * gadget the middle of the rounds, of all gadgets the middle. The first round is not counted: it
 * reads the kernel's types and the server's own code.
 */
export async function measureGadgetLoads(rounds: number): Promise<Row[]> {
  const names = gadgetNames();
  await using client = await McpClient.connect(program, ["--role", "admin"]);
  const [loads, runs] = [new Map<string, number[]>(), new Map<string, number[]>()];
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const loaded = await loadedMs(client, name);
      const run = await attachedMs(client, name);
      if (round === 0) continue;
      loads.getOrInsert(name, []).push(loaded);
      if (run !== null) runs.getOrInsert(name, []).push(run);
    }
  }
  const middles = [...loads.values()].map(median);
  return [
    {
      what: `gadget load, ${names.length} gadgets`,
      unit: "ms",
      measured: median(middles),
      target: { limit: "at most", value: 15, of: "value" },
    },
    { what: "gadget load, the slowest", unit: "ms", measured: Math.max(...middles), target: null },
    {
      what: `run_gadget until attached, ${runs.size} gadgets`,
      unit: "ms",
      measured: median([...runs.values()].map(median)),
      target: null,
    },
  ];
}

function gadgetNames(): string[] {
  const files = [...Deno.readDirSync(objects)].map(({ name }) => name);
  return files.filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length)).sort();
}

async function loadedMs(client: McpClient, name: string): Promise<number> {
  const loaded = await call(client, "load_program", { source: { type: "gadget", name } });
  const objectId = loaded && textOf(loaded, "object_id");
  const took = loaded?.execution_time_ms;
  if (typeof objectId !== "string" || typeof took !== "number") {
    throw new Error(`cannot load ${name}`);
  }
  await call(client, "unload_program", { object_id: objectId });
  return took;
}

/** Null for a gadget whose hooks this kernel lacks, or that wants parameters. */
async function attachedMs(client: McpClient, name: string): Promise<number | null> {
  const run = await call(client, "run_gadget", { gadget: name, background: true });
  const streamId = run && textOf(run, "stream_id");
  const took = run?.execution_time_ms;
  if (typeof streamId !== "string" || typeof took !== "number") return null;
  await call(client, "stop_stream", { stream_id: streamId });
  return took;
}

async function call(client: McpClient, name: string, args: JsonNode): Promise<JsonNode | null> {
  const { result } = await client.request("tools/call", { name, arguments: args });
  return result.isError !== true && isNode(result.structuredContent)
    ? nodeOf(result, "structuredContent")
    : null;
}
