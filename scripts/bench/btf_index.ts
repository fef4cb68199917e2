// vmlinux BTF in fresh processes, ours and libbpf's by turns.
import { mustRun } from "../command.ts";
import { LineProcess } from "./line_process.ts";
import { buildPeer } from "./peers.ts";
import { median, type Row } from "./row.ts";

/** Reading, indexing and one look-up by name, with nothing compiled or cached before. */
export async function measureBtfIndex(rounds: number): Promise<Row[]> {
  const peer = await buildPeer("map");
  const script = new URL("btf_index_main.ts", import.meta.url).pathname;
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(Number(await mustRun(Deno.execPath(), ["run", "-A", "--no-check", script])));
    await using libbpf = LineProcess.start(peer, []);
    theirs.push((await libbpf.ask("vmlinux")).measured / 1e6);
  }
  return [{
    what: "vmlinux BTF index, cold",
    unit: "ms",
    measured: median(ours),
    peer: { name: "libbpf", measured: median(theirs) },
    target: { limit: "at most", value: 15, of: "value" },
  }];
}
