// One event of a stream as answers show it.
import type { JsonValue } from "../btf/decode.ts";
import type { EventStream } from "../session/stream.ts";
import type { EventFormat } from "../session/stream_options.ts";
import type { StreamEvent } from "../session/stream_event.ts";
import { cutValue } from "../view/cut_value.ts";

type Fields = Record<string, unknown>;

export interface EventView {
  readonly format: EventFormat;
  /** Of decoded events, these fields alone; null: all. */
  readonly fields: readonly string[] | null;
}

/** `"cut":true,` */
const cutMarkBytes = 16;

/** Decoded fields by name; bytes where that was asked for or no type is known. */
export function viewEvent(stream: EventStream, event: StreamEvent, view: EventView): Fields {
  const { type, record } = event;
  const origin = {
    ...(stream.types.candidates.length > 1 ? { event_type: type?.name ?? null } : {}),
    ...(record.cpu >= 0 ? { cpu: record.cpu } : {}),
  };
  if (view.format === "json" && type !== null) {
    const value = event.decode();
    const shown = view.fields === null ? fieldsOf(value) : chosen(value, view.fields);
    return { ...origin, ...stream.present(shown) };
  }
  const bytes = record.bytes.subarray(record.offset, record.offset + record.length);
  if (view.format === "base64") return { ...origin, base64: bytes.toBase64() };
  return { ...origin, hex: bytes.toHex() };
}

/** An event that alone is over the budget: its beginning, marked as such. */
export function cutEvent(event: Fields, room: number): Fields {
  const { value } = cutValue(event, Math.max(room - cutMarkBytes, 0));
  return { ...(typeof value === "object" ? value : {}), cut: true };
}

/** A struct's fields; a single value (a typedef'd union of none) under a name of ours. */
function fieldsOf(value: JsonValue): Fields {
  return isFields(value) ? value : { value };
}

/** The fields by their paths; those that the event does not have are left out. */
function chosen(value: JsonValue, paths: readonly string[]): Fields {
  const found = paths.flatMap((path): [string, JsonValue][] => {
    let at: JsonValue | undefined = value;
    for (const name of path.split(".")) {
      at = at !== undefined && isFields(at) && Object.hasOwn(at, name) ? at[name] : undefined;
    }
    return at === undefined ? [] : [[path, at]];
  });
  return Object.fromEntries(found);
}

function isFields(value: JsonValue): value is { [name: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
