// Loads objects that nobody here wrote, from Debian's packages, with load_program and with
// `bpftool prog loadall`, and holds the two against each other. `--errors` prints every refusal
// whole, ours and bpftool's.
import { McpClient } from "./bench/mcp_client.ts";
import { build } from "./build.ts";
import { collectObjects, type ForeignObject } from "./corpus/collect.ts";
import { compareLoads, type Comparison, mmapable, refusalText } from "./corpus/compare.ts";
import { bpftoolVersion } from "./corpus/bpftool_load.ts";
import { callTool } from "./corpus/our_load.ts";
import { providePackages } from "./corpus/packages.ts";
import { nodeOf, textOf } from "./ffi/json_node.ts";
import { distFolder } from "./paths.ts";
import { fail, say } from "./say.ts";
import { runScript, ScriptError } from "./script_error.ts";
import { setup } from "./setup.ts";
import type { Counts } from "./test_report.ts";

const PACKAGES = ["libbpf-tools", "xdp-tools", "libxdp1"];
const REASON_COLUMNS = 100;

interface Row extends Comparison {
  readonly object: ForeignObject;
}

/** Compares every object of the packages; prints a table and answers how many agree. */
export async function compareCorpus(command: readonly string[], detail: "table" | "errors") {
  const packages = await providePackages(PACKAGES);
  const folder = await Deno.makeTempDir({ prefix: "ebpf-mcp-corpus-" });
  const rows: Row[] = [];
  try {
    const objects = await collectObjects(packages, folder);
    for (const { name } of packages) {
      if (objects.some((object) => object.package === name)) continue;
      throw new ScriptError(`Found no BPF object in ${name}`);
    }
    const args = ["serve", "--role", "operator", "--objects", folder];
    const [program = "", ...before] = command;
    await using client = await McpClient.connect(program, [...before, ...args]);
    say(packages.map(({ file }) => file).join(", "));
    say(`${await bpftoolVersion()}; ours using ${await ourLibbpf(client)}`);
    for (const object of objects) {
      rows.push({ object, ...await compareLoads(client, object.path) });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return report(rows, detail);
}

async function ourLibbpf(client: McpClient): Promise<string> {
  const { result } = await callTool(client, "system_info", {});
  const libbpf = nodeOf(result ?? {}, "libbpf");
  return `libbpf ${textOf(libbpf, "version")} (${textOf(libbpf, "source")})`;
}

function report(rows: readonly Row[], detail: "table" | "errors"): Counts {
  say("");
  say(tableLine("object", "bpftool", "ours", "equal", "programs, maps; or our reason"));
  for (const row of rows) {
    for (const line of rowLines(row)) say(line);
    if (detail === "errors" && row.ours.refused !== null) {
      say(`${JSON.stringify(row.ours.refused, null, 2)}\nbpftool: ${row.bpftool.refused}`);
    }
  }
  const count = (wanted: (row: Row) => boolean) => rows.filter(wanted).length;
  const passed = count(({ differences }) => differences.length === 0);
  say("");
  say(
    `${rows.length} objects: bpftool loads ${count(({ bpftool }) => bpftool.refused === null)}, ` +
      `we load ${count(({ ours }) => ours.refused === null)}; ` +
      `${passed} agree, ${rows.length - passed} do not`,
  );
  const loose = rows.reduce((sum, row) => sum + row.mmapable, 0);
  if (loose > 0) say(`Taken as equal: ${loose} ${mmapable}`);
  return { passed, failed: rows.length - passed };
}

function rowLines({ object, bpftool, ours, differences }: Row): string[] {
  const verdict = (refused: unknown) => refused === null ? "loads" : "refuses";
  const what = ours.refused === null
    ? `${ours.loaded.programs.length} programs, ${ours.loaded.maps.length} maps`
    : refusalText(ours.refused).slice(0, REASON_COLUMNS);
  const equal = differences.length === 0 ? "yes" : "NO";
  return [
    tableLine(object.name, verdict(bpftool.refused), verdict(ours.refused), equal, what),
    ...differences.map((difference) => `    ${difference}`),
  ];
}

function tableLine(...[object, bpftool, ours, equal, what]: readonly string[]): string {
  const cells = [object.padEnd(22), bpftool.padEnd(8), ours.padEnd(8), equal.padEnd(6), what];
  return cells.join(" ");
}

if (import.meta.main) {
  await runScript("corpus", async () => {
    const unknown = Deno.args.find((argument) => argument !== "--errors");
    if (unknown !== undefined) throw new ScriptError(`unknown argument "${unknown}"`);
    if (Deno.uid() !== 0) throw new ScriptError("must run as root: it loads programs");
    await setup("tests");
    await build();
    const executable = new URL("ebpf-mcp", distFolder).pathname;
    const detail = Deno.args.includes("--errors") ? "errors" : "table";
    const { failed } = await compareCorpus([executable], detail);
    if (failed > 0) fail(`corpus: ${failed} objects differ`);
  });
}
