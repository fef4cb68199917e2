// Prints DESIGN's budgets as measured here and now, beside the programs that they are compared
// with. Rounds alternate between us and the peer, so that a busy machine slows both; `--quick`
// takes fewer. Prints only: figures are not kept in the repository.
import { libbpf } from "../ffi/library.ts";
import { measureAggregate } from "./bench/aggregate.ts";
import { measureBtfIndex } from "./bench/btf_index.ts";
import { measureBtfTypes } from "./bench/btf_types.ts";
import { measureGadgetLoads } from "./bench/gadget_load.ts";
import { measureGadgets } from "./bench/gadgets.ts";
import { measureLists } from "./bench/lists.ts";
import { measureLive } from "./bench/live.ts";
import { measureMapDump } from "./bench/map_dump.ts";
import { measureRing } from "./bench/ring.ts";
import { meetsTarget, type Row, tableLines } from "./bench/row.ts";
import { measureStartup } from "./bench/startup.ts";
import { measureState } from "./bench/state.ts";
import { build } from "./build.ts";
import { fail, say, warn } from "./say.ts";
import { setup } from "./setup.ts";

/** How much is measured. */
const thorough = { starts: 21, rings: 21, lives: 5, liveMs: 1000, dumps: 7, elements: 262_144 };
const quick = { starts: 7, rings: 7, lives: 3, liveMs: 500, dumps: 3, elements: 65_536 };

async function main(): Promise<void> {
  if (Deno.uid() !== 0) fail("bench: must run as root: it loads programs into the kernel");
  const unknown = Deno.args.find((argument) => argument !== "--quick");
  if (unknown !== undefined) fail(`bench: unknown argument "${unknown}", wanted --quick or none`);
  const { starts, rings, lives, liveMs, dumps, elements } = Deno.args.length > 0 ? quick : thorough;
  await setup("tests");
  await build();
  libbpf().libbpf_set_print(null); // it would warn of sections that are not its own
  const rows: Row[] = [];
  const measurements: [string, () => Promise<Row[]>][] = [
    ["start-up", () => measureStartup(starts)],
    ["ring drain", () => measureRing(rings)],
    ["ring aggregate", () => measureAggregate(rings)],
    ["ring live", () => measureLive(lives, liveMs)],
    ["map dump", () => measureMapDump(dumps, elements)],
    ["vmlinux BTF", () => measureBtfIndex(dumps)],
    ["types", () => measureBtfTypes(starts * 10)],
    ["lists", () => measureLists(starts)],
    ["state", () => measureState(starts, 1000)],
    ["gadget load", () => measureGadgetLoads(rings)],
    ["gadgets", () => measureGadgets(dumps)],
  ];
  for (const [name, measure] of measurements) {
    warn(`measuring ${name}`);
    rows.push(...await measure());
  }
  say("");
  for (const line of tableLines(rows)) say(line);
  const short = rows.filter((row) => !meetsTarget(row)).length;
  say("");
  say(short === 0 ? "every target is met" : `${short} of ${rows.length} targets are not met`);
}

if (import.meta.main) await main();
