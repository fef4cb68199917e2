// What it costs to have the executable: time to the first answer, memory, bytes of its tool list.
import { nodesOf, textOf } from "../ffi/json_node.ts";
import { distFolder } from "../paths.ts";
import { McpClient } from "./mcp_client.ts";
import { median, type Row } from "./row.ts";

const program = new URL("ebpf-mcp", distFolder).pathname;

/** Lets a server that has just answered finish what it does on the side. */
const settleMs = 500;
const every = ["--role", "admin"];
const answers = { inspect_state: {}, system_info: {} };

/** Start-up, memory when idle, and sizes of answers. */
export async function measureStartup(rounds: number): Promise<Row[]> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const started = performance.now();
    await using _client = await McpClient.connect(program, []);
    if (round > 0) times.push(performance.now() - started); // the first one fills the page cache
  }
  await using client = await McpClient.connect(program, every);
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const resident = await residentMiB(client.pid);
  const list = await client.request("tools/list", {});
  const tools = nodesOf(list.result, "tools").length;
  if (tools === 0) throw new Error("the executable lists no tools");
  return [
    {
      what: "spawn to initialize response",
      unit: "ms",
      measured: median(times),
      target: { limit: "at most", value: 60, of: "value" },
    },
    {
      what: "resident memory when idle",
      unit: "MiB",
      measured: resident,
      target: { limit: "at most", value: 80, of: "value" },
    },
    {
      what: `tools/list, ${tools} tools`,
      unit: "bytes",
      measured: list.bytes,
      target: { limit: "at most", value: 40 * 1024, of: "value" },
    },
    ...await answerSizes(client),
  ];
}

async function answerSizes(client: McpClient): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, values] of Object.entries(answers)) {
    const { result } = await client.request("tools/call", { name, arguments: values });
    const text = nodesOf(result, "content").map((content) => textOf(content, "text") ?? "").join(
      "",
    );
    if (result.isError === true) throw new Error(`${name} failed: ${text}`);
    rows.push({
      what: `text of ${name} by default`,
      unit: "bytes",
      measured: new TextEncoder().encode(text).length,
      target: { limit: "at most", value: 8 * 1024, of: "value" },
    });
  }
  return rows;
}

async function residentMiB(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
