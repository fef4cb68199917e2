// Records for tests of sums: the values of their fields, the bytes and the type.
import { Btf } from "../../../../src/btf/btf.ts";
import { type Aggregator, compileAggregator } from "../../../../src/btf/aggregate/aggregator.ts";
import type { StoreLimits } from "../../../../src/btf/aggregate/group_store.ts";
import type { AggregateReport } from "../../../../src/btf/aggregate/report.ts";
import type { AggregateSpec } from "../../../../src/btf/aggregate/spec.ts";
import { BtfBuilder } from "../../../support/btf_builder.ts";

export interface SampleEvent {
  readonly time: bigint;
  readonly pid: number;
  readonly ret: number;
  readonly amount: bigint;
  readonly delta: bigint;
  readonly low: number;
  readonly state: number;
  readonly share: number;
  readonly comm: string;
  readonly path: string;
}

export const emptyEvent: SampleEvent = {
  time: 0n,
  pid: 0,
  ret: 0,
  amount: 0n,
  delta: 0n,
  low: 0,
  state: 0,
  share: 0,
  comm: "",
  path: "",
};

/** Bytes before `path`, which ends the record where the text ends. */
const pathAt = 72;
const longestPath = 40;
const encoder = new TextEncoder();

/** struct sample { ...; char path[40]; } and struct other { __u32 pid; }. */
export function sampleBtf(): { btf: Btf; sample: number; other: number } {
  const builder = new BtfBuilder();
  const u8 = builder.int("unsigned char", 1);
  const u32 = builder.int("unsigned int", 4);
  const s32 = builder.int("int", 4, { signed: true });
  const u64 = builder.int("unsigned long", 8);
  const s64 = builder.int("long", 8, { signed: true });
  const char = builder.int("char", 1, { char: true, signed: true });
  const double = builder.float("double", 8);
  const state = builder.enumeration("state", 4, { RUNNING: 0, SLEEPING: 1 });
  const inner = builder.struct("inner", 8, [{ name: "port", type: u32, offset: 0 }]);
  const sample = builder.struct("sample", pathAt + longestPath, [
    { name: "timestamp_ns", type: u64, bitOffset: 0 },
    { name: "pid", type: u32, bitOffset: 8 * 8 },
    { name: "ret", type: s32, bitOffset: 12 * 8 },
    { name: "amount", type: u64, bitOffset: 16 * 8 },
    { name: "delta", type: s64, bitOffset: 24 * 8 },
    { name: "low", type: u32, bitOffset: 32 * 8 + 3, bitSize: 5 },
    { name: "state", type: state, bitOffset: 36 * 8 },
    { name: "share", type: double, bitOffset: 40 * 8 },
    { name: "comm", type: builder.array(char, 16, u32), bitOffset: 48 * 8 },
    { name: "address", type: builder.array(u8, 4, u32), bitOffset: 64 * 8 },
    { name: "kernel_address", type: builder.ptr(sample0(builder)), bitOffset: 0 },
    { name: "inner", type: inner, bitOffset: 64 * 8 },
    { name: "path", type: builder.array(char, longestPath, u32), bitOffset: pathAt * 8 },
  ]);
  const other = builder.struct("other", 4, [{ name: "pid", type: u32, offset: 0 }]);
  return { btf: Btf.parse(builder.bytes()), sample, other };
}

function sample0(builder: BtfBuilder): number {
  return builder.fwd("task_struct", "struct");
}

/** The record's bytes; `garbage` fills what follows the NUL of a text. */
export function bytesOf(event: SampleEvent, garbage = 0): Uint8Array {
  const path = encoder.encode(event.path);
  const bytes = new Uint8Array(pathAt + path.length).fill(garbage);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, event.time, true);
  view.setUint32(8, event.pid, true);
  view.setInt32(12, event.ret, true);
  view.setBigUint64(16, event.amount, true);
  view.setBigInt64(24, event.delta, true);
  view.setUint32(32, event.low << 3 | 1 << 9 | 5, true);
  view.setUint32(36, event.state, true);
  view.setFloat64(40, event.share, true);
  const comm = encoder.encode(event.comm);
  bytes.set(comm, 48);
  if (comm.length < 16) bytes[48 + comm.length] = 0;
  bytes.set([10, 0, 0, event.pid & 0xff], 64);
  bytes.set(path, pathAt);
  return bytes;
}

/** An aggregator over `struct sample` alone. */
export function sampleAggregator(spec: AggregateSpec, limits?: StoreLimits): Aggregator {
  const { btf, sample } = sampleBtf();
  const type = { name: "sample", typeId: sample, size: pathAt + longestPath, flexible: false };
  return compileAggregator(btf, [type], spec, { limits, seed: 1 });
}

export function add(aggregator: Aggregator, records: Iterable<Uint8Array>): void {
  const [adder] = aggregator.adders;
  for (const record of records) {
    const words = new Uint32Array(2 + Math.ceil(record.length / 4));
    const u8 = new Uint8Array(words.buffer);
    u8.set(record, 8);
    adder?.(u8, words, new Int32Array(words.buffer), 8, record.length);
  }
}

/** The report over these events. */
export function aggregated(
  events: Iterable<SampleEvent>,
  spec: AggregateSpec,
  limits?: StoreLimits,
): AggregateReport {
  const aggregator = sampleAggregator(spec, limits);
  add(aggregator, Array.from(events, (event) => bytesOf(event)));
  return aggregator.take();
}
