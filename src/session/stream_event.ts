// An event of a stream, decoded when somebody asks for it.
import type { JsonValue } from "../btf/decode.ts";
import type { EventType } from "../btf/event_types.ts";
import type { QueuedRecord } from "./stream_queue.ts";
import type { StreamTypes } from "./stream_types.ts";

/** An event as it was taken: raw bytes, and the type they are of. */
export interface StreamEvent {
  readonly record: QueuedRecord;
  /** Null when no event type, or more than one, has its size. */
  readonly type: EventType | null;
  /** The decoded value; null without a type. */
  decode(): JsonValue;
}

/** A record as an event of one of these types. */
export function streamEvent(types: StreamTypes, record: QueuedRecord): StreamEvent {
  const { type, bytes, offset, length } = record;
  return {
    record,
    type: type < 0 ? null : types.candidates[type],
    decode: () => type < 0 ? null : types.decode(type, bytes, offset, length),
  };
}
