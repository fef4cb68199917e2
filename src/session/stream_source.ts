// Where a stream's events come from: a ring or a perf event array, and what is known about it.
import type { Btf } from "../btf/btf.ts";
import type { BpfMap } from "../kernel/bpf_map.ts";

/** How the events get out of the kernel. */
export type SourceKind = "ring" | "perf";

export interface StreamSource {
  /** BPF_MAP_TYPE_RINGBUF or BPF_MAP_TYPE_PERF_EVENT_ARRAY; stays the owner's. */
  readonly map: BpfMap;
  readonly kind: SourceKind;
  /** The BTF of the object that writes the events; null when there is none. */
  readonly btf: Btf | null;
  /** Who made the map: this session, or somebody else. */
  readonly owner: "session" | "foreign";
  /** What the object says it lost since its load; null when it does not count. */
  droppedCount(): bigint | null;
  /** Runs of its programs that the kernel skipped since their load; null when nobody counts. */
  missedRuns(): bigint | null;
}
