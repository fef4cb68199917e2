// The lists of tracepoints and of functions: the executable beside C that only reads the same file.
import { distFolder } from "../paths.ts";
import type { JsonNode } from "../ffi/json_node.ts";
import { nodeOf } from "../ffi/json_node.ts";
import { LineProcess } from "./line_process.ts";
import { McpClient } from "./mcp_client.ts";
import { buildPeer } from "./peers.ts";
import { median, type Row } from "./row.ts";

const program = new URL("ebpf-mcp", distFolder).pathname;

interface Question {
  readonly what: string;
  readonly tool: string;
  readonly args: JsonNode;
  /** What the C peer reads. */
  readonly file: string;
  readonly least: number;
  readonly firstMs: number;
  readonly warmMs: number | null;
}

const questions: readonly Question[] = [
  {
    what: "list_tracepoints, page",
    tool: "list_tracepoints",
    args: {},
    file: "/sys/kernel/tracing/available_events",
    least: 500,
    firstMs: 20,
    warmMs: null,
  },
  {
    what: "list_kernel_functions",
    tool: "list_kernel_functions",
    args: { pattern: "vfs_*", with: ["prototype"] },
    file: "/proc/kallsyms",
    least: 20,
    firstMs: 60,
    warmMs: 5,
  },
];
/** Calls between the first one and the one that counts as warm. */
const warmups = 10;

/** The first call of a fresh server, and a later one, from request to answer. */
export async function measureLists(rounds: number): Promise<Row[]> {
  await using peer = LineProcess.start(await buildPeer("list"), []);
  const rows: Row[] = [];
  for (const question of questions) {
    const { what, firstMs, warmMs, file } = question;
    const [first, warm, theirs]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      theirs.push((await peer.ask(file)).measured / 1e6);
      await using client = await McpClient.connect(program, ["--role", "viewer"]);
      first.push(await ask(client, question));
      for (let call = 0; call < warmups; call++) await ask(client, question);
      warm.push(await ask(client, question));
    }
    rows.push({
      what: `${what}, first`,
      unit: "ms",
      measured: median(first),
      peer: { name: "C read alone", measured: median(theirs) },
      target: { limit: "at most", value: firstMs, of: "value" },
    });
    rows.push({
      what: `${what}, after`,
      unit: "ms",
      measured: median(warm),
      target: warmMs === null ? null : { limit: "at most", value: warmMs, of: "value" },
    });
  }
  return rows;
}

async function ask(client: McpClient, { tool, args, least }: Question): Promise<number> {
  const started = performance.now();
  const { result } = await client.request("tools/call", { name: tool, arguments: args });
  const elapsed = performance.now() - started;
  const { total } = nodeOf(result, "structuredContent");
  if (!(Number(total) >= least)) throw new Error(`${tool} tells of ${total}`);
  return elapsed;
}
