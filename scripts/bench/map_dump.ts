// A whole map as JSON rows into /dev/null: ours, C with fprintf and bpftool, by turns.
import { compileRowWriter } from "../../src/btf/row_writer.ts";
import { BpfMap } from "../../src/kernel/bpf_map.ts";
import { MapBatches } from "../../src/kernel/map_batches.ts";
import { BpfObject } from "../../src/kernel/object.ts";
import { isNode } from "../ffi/json_node.ts";
import { runWithCount } from "./bench_ring.ts";
import { timeBpftool } from "./bpftool.ts";
import { LineProcess } from "./line_process.ts";
import { buildBenchObject, buildPeer } from "./peers.ts";
import { median, type Row } from "./row.ts";

const batch = 8192;
/** Dumps before those that count, so that all loops are compiled. */
const warmups = 5;
const outputBytes = 1 << 16;

/** Nanoseconds per element of a hash map with `elements` elements. */
export async function measureMapDump(rounds: number, elements: number): Promise<Row[]> {
  using owned = new DisposableStack();
  const map = await loadMap(owned, elements);
  await using c = LineProcess.start(await buildPeer("map"), []);
  const dump = compileDump(map);
  const [ours, theirs, bpftools]: [number[], number[], number[]] = [[], [], []];
  for (let warmup = 0; warmup < warmups; warmup++) dump(elements);
  for (let round = 0; round < rounds; round++) {
    ours.push(dump(elements));
    theirs.push((await c.ask(String(map.info.id))).measured);
    bpftools.push(await timeBpftool("map", "dump", "id", String(map.info.id)) * 1e6 / elements);
  }
  const measured = { what: "map dump as JSON, per element", unit: "ns", measured: median(ours) };
  return [
    {
      ...measured,
      unit: "ns",
      peer: { name: "C fprintf", measured: median(theirs) },
      target: { limit: "at most", value: 1, of: "ratio" },
    },
    {
      ...measured,
      unit: "ns",
      peer: { name: "bpftool -j", measured: median(bpftools) },
      target: { limit: "at most", value: 1 / 8, of: "ratio" },
    },
  ];
}

async function loadMap(owned: DisposableStack, elements: number): Promise<BpfMap> {
  const bytes = await Deno.readFile(await buildBenchObject("bench_maps"));
  const object = owned.use(BpfObject.open(bytes, { name: "bench_maps" }));
  const failure = await object.load();
  if (failure !== 0) throw new Error(`bench_maps does not load: errno ${failure}`);
  const fill = object.programs.find(({ name }) => name === "fill");
  const rows = object.maps.find(({ name }) => name === "rows");
  if (fill === undefined || rows === undefined) throw new Error("bench_maps lacks fill or rows");
  runWithCount(fill.fd, elements);
  return BpfMap.borrow(rows.fd, rows.name, object.btf);
}

/** A dump that answers nanoseconds per element. */
function compileDump(map: BpfMap): (elements: number) => number {
  const { btfKeyTypeId: keyType, btfValueTypeId: valueType, keyBytes, valueBytes } = map.info;
  if (map.btf === null || keyType === null || valueType === null) {
    throw new Error("bench_maps has no BTF");
  }
  const sizes = { keySize: keyBytes, valueSize: valueBytes };
  const shape = { keyType, valueType, ...sizes, cpus: null, separator: "\n" };
  const writer = compileRowWriter(map.btf, shape);
  const out = new Uint8Array(outputBytes);
  return (elements) => {
    using sink = Deno.openSync("/dev/null", { write: true });
    const started = performance.now();
    const batches = new MapBatches(map, batch, "batch", null);
    let total = 0;
    let p = 0;
    for (let count = batches.next(); count !== null; count = batches.next()) {
      const rows = { keys: batches.keys, values: batches.values, count };
      for (let next = 0; next < count;) {
        ({ next, p } = writer.write(rows, next, out, p));
        if (next < count) p = flush(sink, out, p);
      }
      total += count;
    }
    flush(sink, out, p);
    const elapsed = performance.now() - started;
    if (total !== elements) throw new Error(`dumped ${total} of ${elements} elements`);
    requireRow(out);
    return elapsed * 1e6 / total;
  };
}

/** Writes `length` bytes and answers where the next byte goes. */
function flush(sink: Deno.FsFile, out: Uint8Array, length: number): number {
  sink.writeSync(out.subarray(0, length));
  return 0;
}

/** What was measured must have been right: the first row in the buffer. */
function requireRow(out: Uint8Array): void {
  const text = new TextDecoder().decode(out.subarray(0, out.indexOf(10)));
  const row: unknown = JSON.parse(text);
  if (!isNode(row) || !isNode(row.value) || row.value.count !== row.key) {
    throw new Error(`a row was written as ${text}`);
  }
}
