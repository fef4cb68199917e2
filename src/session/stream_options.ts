// What is asked of a stream, and how it ends.
import type { AggregateSpec } from "../btf/aggregate/spec.ts";
import type { CostMeter } from "./cost_meter.ts";
import type { StreamFilters } from "./stream_filter.ts";

/** Why a stream takes no more events. */
export const streamEnds = [
  "duration", // the time that was asked for is over
  "max_events", // as many events as were asked for have come
  "snapshot", // it was a look at somebody else's ring
  "stopped", // by stop_stream
  "cancelled", // by the client's cancellation
  "overhead", // its programs took more of a CPU than max_overhead_percent
  "released", // the map's object was unloaded, or the session ended
  "failed", // the ring cannot be read any more
] as const;
export type StreamEnd = typeof streamEnds[number];

/** json: decoded by BTF; raw: the bytes as hexadecimal digits; base64: the bytes as base64. */
export const eventFormats = ["json", "raw", "base64"] as const;
export type EventFormat = typeof eventFormats[number];

export interface StreamOptions {
  /** The struct of the events; by default the object names them. */
  readonly eventType?: string;
  readonly filters?: StreamFilters;
  readonly durationMs?: number;
  readonly maxEvents?: number;
  /** Sum the events up instead of keeping them, a few samples aside. */
  readonly aggregate?: AggregateSpec;
  /** Of the programs that fill the ring; finished when the stream ends. */
  readonly cost?: CostMeter;
  /** Of each event, these fields alone. */
  readonly fields?: readonly string[];
  /** Adds to an event, or to a row of a sum, what its fields mean. */
  readonly present?: (
    fields: Readonly<Record<string, unknown>>,
  ) => Record<string, unknown>;
  /** How whoever reads shows the events. */
  readonly format: EventFormat;
  /** Look at the ring without taking anything from its owner. */
  readonly mode: "consume" | "snapshot";
}
