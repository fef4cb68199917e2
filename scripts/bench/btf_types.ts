// Questions about types to the executable over stdio, once the kernel's types are read: from the
// request to the answer, protocol and all.
import { nodesOf, textOf } from "../ffi/json_node.ts";
import { distFolder } from "../paths.ts";
import { McpClient } from "./mcp_client.ts";
import { median, type Row } from "./row.ts";

const program = new URL("ebpf-mcp", distFolder).pathname;
const mostMs = 1;

/** What is asked, by what the table calls it. */
const questions: Readonly<Record<string, Record<string, string>>> = {
  "type by name, warm": { pattern: "task_struct" },
  "types by a part of their names, warm": { pattern: "sched_ent" },
  "types by a glob, warm": { pattern: "bpf_*_info" },
  "reads of a path, warm": { path: "task_struct.mm.exe_file.f_path.dentry" },
  "who contains a type, warm": { pattern: "path", containers: "value" },
  "type as C, warm": { pattern: "mm_struct", as: "c" },
};

/** The median round trip of each question, after some that nobody counts. */
export async function measureBtfTypes(rounds: number): Promise<Row[]> {
  await using client = await McpClient.connect(program, ["--role", "viewer"]);
  const rows: Row[] = [];
  for (const [what, values] of Object.entries(questions)) {
    const times: number[] = [];
    for (let round = 0; round < rounds * 2; round++) {
      const started = performance.now();
      const { result } = await client.request("tools/call", {
        name: "get_btf_types",
        arguments: values,
      });
      if (round >= rounds) times.push(performance.now() - started);
      if (result.isError === true) {
        const texts = nodesOf(result, "content").map((content) => textOf(content, "text"));
        throw new Error(`get_btf_types failed: ${texts.join("")}`);
      }
    }
    rows.push({
      what,
      unit: "ms",
      measured: median(times),
      target: { limit: "at most", value: mostMs, of: "value" },
    });
  }
  return rows;
}
