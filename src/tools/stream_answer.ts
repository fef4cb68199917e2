// What the stream tools answer: a page of events, and an account of all the others.
import * as z from "zod";
import type { JsonValue } from "../btf/decode.ts";
import { validationError } from "../errors.ts";
import {
  type EventFormat,
  type EventStream,
  streamEnds,
  type StreamEvent,
} from "../session/stream.ts";
import { cutValue } from "../view/cut_value.ts";
import { decodeCursor, encodeCursor, jsonBytes } from "../view/page.ts";
import { costAnswer, costShape } from "./cost_answer.ts";
import type { RequestContext } from "./define_tool.ts";

const count = z.int().nonnegative();

/** The fields of every stream answer, for a tool's output schema. */
export const streamAnswerShape = {
  stream_id: z.string(),
  map_id: z.int(),
  map_name: z.string(),
  events: z.array(z.record(z.string(), z.unknown())).describe(
    "oldest first, each given once; cut: true marks one too long for an answer",
  ),
  event_types: z.array(z.object({ name: z.string(), size: z.int() }))
    .describe("the structs that events can be, or might: name one in event_type"),
  received: count.describe("= returned + filtered + dropped.ours"),
  returned: count.describe("given so far, this answer included"),
  filtered: count,
  pending: count.describe("wait to be read"),
  undecoded: count.describe("of those returned: no event type, or more than one, has their size"),
  dropped: z.object({
    ours: count.describe("fell out of our queue unread"),
    kernel: z.union([z.int(), z.string()]).nullable().describe("null: nobody counts"),
  }),
  missed_runs: z.union([z.int(), z.string()]).nullable()
    .describe("skipped by the kernel, the program being busy: events may be missing"),
  ended_by: z.enum(streamEnds).nullable().describe("null: it runs"),
  failure: z.string().nullable(),
  complete: z.boolean().describe("ended, all given, nothing known to be lost"),
  ...costShape,
  rows: z.array(z.record(z.string(), z.unknown())).optional().describe("of a table"),
  total: count.optional().describe("rows that there are"),
  truncated: z.boolean(),
  next_cursor: z.string().nullable().describe("for read_stream; null: nothing will come"),
};

export type StreamAnswer = z.input<z.ZodObject<typeof streamAnswerShape>>;

export interface EventPage {
  /** Most events. */
  readonly limit: number;
  /** Most bytes of the whole answer. */
  readonly byteBudget: number;
}

/** `"cut":true,` */
const cutMarkBytes = 16;

/** Bytes that an answer takes besides its events and event types. */
const accountBytes = 640;

/** Takes the next events out of the stream, as many as fit. */
export function streamAnswer(stream: EventStream, page: EventPage): StreamAnswer {
  const event_types = [...stream.types.offered];
  const events: Record<string, unknown>[] = [];
  let room = page.byteBudget - accountBytes - jsonBytes(event_types);
  stream.read((event) => {
    if (events.length >= page.limit) return false;
    const shown = present(stream, event, stream.format);
    const size = jsonBytes(shown);
    if (size > room && events.length > 0) return false;
    events.push(size > room ? cutEvent(shown, room) : shown);
    room -= size;
    return true;
  });
  return { ...account(stream), event_types, events };
}

/** An event that alone is over the budget: its beginning, marked as such. */
function cutEvent(event: Record<string, unknown>, room: number): Record<string, unknown> {
  const { value } = cutValue(event, Math.max(room - cutMarkBytes, 0));
  return { ...(typeof value === "object" ? value : {}), cut: true };
}

/** The account alone; takes nothing out of the stream. */
export function streamSummary(stream: EventStream): StreamAnswer {
  const event_types = [...stream.types.offered];
  return { ...account(stream), event_types, events: [] };
}

function account(stream: EventStream): Omit<StreamAnswer, "events" | "event_types"> {
  const { dropped, missedRuns, ...counts } = stream.counts;
  const more = counts.pending > 0;
  return {
    stream_id: stream.id,
    map_id: stream.mapId,
    map_name: stream.mapName,
    ...counts,
    dropped: { ours: dropped.ours, kernel: exact(dropped.kernel) },
    missed_runs: exact(missedRuns),
    ended_by: stream.end,
    failure: stream.failure?.message ?? null,
    complete: stream.complete,
    ...costAnswer(stream.cost),
    truncated: more,
    next_cursor: more || stream.end === null ? cursorOf(stream) : null,
  };
}

/** 64-bit numbers are numbers while exact, decimal strings beyond. */
export function exact(value: bigint | null): number | string | null {
  if (value === null) return null;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}

/** Decoded fields by name; bytes where that was asked for or no type is known. */
function present(
  stream: EventStream,
  event: StreamEvent,
  format: EventFormat,
): Record<string, unknown> {
  const { type, record } = event;
  const origin = {
    ...(stream.types.candidates.length > 1 ? { event_type: type?.name ?? null } : {}),
    ...(record.cpu >= 0 ? { cpu: record.cpu } : {}),
  };
  if (format === "json" && type !== null) return { ...origin, ...fields(event.decode()) };
  const bytes = record.bytes.subarray(record.offset, record.offset + record.length);
  if (format === "base64") return { ...origin, base64: bytes.toBase64() };
  return { ...origin, hex: bytes.toHex() };
}

/** A struct's fields; a single value (a typedef'd union of none) under a name of ours. */
function fields(value: JsonValue): Record<string, unknown> {
  const isFields = typeof value === "object" && value !== null && !Array.isArray(value);
  return isFields ? value : { value };
}

function cursorOf(stream: EventStream): string {
  return encodeCursor(stream.id, stream.counts.returned);
}

/**
 * Refuses a cursor that is not the last one given: events are given once.
 * @throws validation/invalid_cursor
 */
export function requireCurrent(stream: EventStream, cursor: string): void {
  const position = decodeCursor(stream.id, cursor);
  const { returned } = stream.counts;
  if (position === returned) return;
  throw validationError(
    "invalid_cursor",
    `Cannot continue "${stream.id}" at event ${position}: it stands at event ${returned}`,
    { hint: "Each event is given once; leave cursor out to go on with the next one" },
  );
}

/** Between two progress messages. */
const progressMs = 1_000;

/**
 * Waits until the stream ends and tells how far it is. The first message names the stream: whoever
 * cancels can still read what it took.
 * @throws the signal's reason when it aborts; the stream is stopped then
 */
export async function followStream(stream: EventStream, request: RequestContext): Promise<void> {
  const { signal } = request;
  await request.progress(`${stream.id} reads map ${stream.mapId} "${stream.mapName}"`, 0);
  while (stream.end === null && !signal.aborted) {
    await stream.waitForEnd(progressMs, signal);
    const { received, pending } = stream.counts;
    if (stream.end === null && !signal.aborted) {
      await request.progress(`${stream.id}: ${pending} events wait`, received + pending);
    }
  }
  if (!signal.aborted) return;
  stream.stop("cancelled");
  throw signal.reason;
}
