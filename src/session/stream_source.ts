// Where a stream's events come from: a ring, a perf event array or lines of text, and what is
// known about it.
import type { Btf } from "../btf/btf.ts";
import type { BpfMap } from "../kernel/bpf_map.ts";
import type { Drain } from "../kernel/drain.ts";
import type { StreamDrainState } from "./stream_drain_state.ts";

/** How the events get out of the kernel. Lines of text come as records of a ring. */
export type SourceKind = "ring" | "perf" | "text";

interface SourceFacts {
  /** The BTF of the object that writes the events; null when there is none. */
  readonly btf: Btf | null;
  /** Who made it: this session, or somebody else. */
  readonly owner: "session" | "foreign";
  /** What is said to be lost, since the load or the opening; null when nobody counts. */
  droppedCount(): bigint | null;
  /** Runs of its programs that the kernel skipped since their load; null when nobody counts. */
  missedRuns(): bigint | null;
}

export interface MapSource extends SourceFacts {
  readonly kind: "ring" | "perf";
  /** BPF_MAP_TYPE_RINGBUF or BPF_MAP_TYPE_PERF_EVENT_ARRAY; stays the owner's. */
  readonly map: BpfMap;
}

export interface TextSource extends SourceFacts {
  readonly kind: "text";
  readonly name: string;
  /** @throws kernel/file_read_failed */
  open(): StreamReader;
}

export type StreamSource = MapSource | TextSource;

/** What a stream's loop walks over. */
export interface StreamReader extends Disposable {
  /** For epoll. */
  readonly fds: readonly number[];
  /** Bytes that wait to be read; an estimate where that cannot be known. */
  readonly available: number;
  /** True once somebody else was seen to take from it. */
  readonly displaced?: boolean;
  /**
   * Passes records to `drain` and answers the bytes that were freed; look again when it is not 0.
   * @throws kernel/ring_corrupt, file_read_failed
   */
  consume(drain: Drain<StreamDrainState>, state: StreamDrainState): number;
}
