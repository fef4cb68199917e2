// What the stream tools answer: a page of events, and an account of all the others.
import * as z from "zod";
import { exactOrNull } from "../btf/value.ts";
import { validationError } from "../errors.ts";
import type { EventStream } from "../session/stream.ts";
import { streamEnds } from "../session/stream_options.ts";
import type { StreamSum } from "../session/stream_aggregate.ts";
import { streamEvent } from "../session/stream_event.ts";
import type { RecordTest } from "../session/stream_filter.ts";
import { aggregateAnswer, aggregateShape } from "./aggregate_answer.ts";
import { decodeCursor, encodeCursor, jsonBytes } from "../view/page.ts";
import { costAnswer, costShape } from "./cost_answer.ts";
import type { RequestContext } from "./define_tool.ts";
import { cutEvent, viewEvent } from "./event_view.ts";
import { pictureOf } from "./stream_picture.ts";

const count = z.int().nonnegative();

/** The fields of every stream answer, for a tool's output schema. */
export const streamAnswerShape = {
  stream_id: z.string(),
  map_id: z.int().nullable().describe("null: lines of text"),
  map_name: z.string(),
  events: z.array(z.record(z.string(), z.unknown())).describe(
    "oldest first, each given once; cut: true marks one too long for an answer",
  ),
  event_types: z.array(z.object({ name: z.string(), size: z.int() }))
    .describe("the structs that events can be, or might: name one in event_type"),
  received: count.describe("= returned + aggregated + filtered + dropped.ours"),
  returned: count.describe("given so far, this answer included"),
  aggregated: count.describe("summed up so far"),
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
  aggregate: aggregateShape.nullable().optional(),
  samples: z.array(z.record(z.string(), z.unknown())).optional()
    .describe("some of the events in aggregate; not in returned"),
  ...costShape,
  rows: z.array(z.record(z.string(), z.unknown())).optional().describe("of a table"),
  total: count.optional().describe("rows that there are"),
  picture: z.string().optional().describe("a resource: what was counted, as SVG"),
  truncated: z.boolean(),
  next_cursor: z.string().nullable().describe("for read_stream; null: nothing will come"),
};

export type StreamAnswer = z.input<z.ZodObject<typeof streamAnswerShape>>;

export interface EventPage {
  /** Most events. */
  readonly limit: number;
  /** Most bytes of the whole answer. */
  readonly byteBudget: number;
  /** Of each event, these fields alone; by default those that the stream was started with. */
  readonly fields?: readonly string[];
  /** Events that do not pass count as filtered. */
  readonly test?: RecordTest;
}

/** What an answer takes besides what its account takes before anything is taken. */
const slackBytes = 256;
/** Of a sum's room, what is left for samples. */
const sampleShare = 0.2;

/** Takes the next events out of the stream, as many as fit; or its sum. */
export function streamAnswer(stream: EventStream, page: EventPage): StreamAnswer {
  const sum = stream.takeSum();
  if (sum !== null) return sumAnswer(stream, sum, page);
  const event_types = [...stream.types.offered];
  const events: Record<string, unknown>[] = [];
  const view = { format: stream.format, fields: page.fields ?? stream.fields };
  let room = page.byteBudget - frameBytes(stream);
  stream.read((event) => {
    if (events.length >= page.limit) return false;
    const shown = viewEvent(stream, event, view);
    const size = jsonBytes(shown);
    if (size > room && events.length > 0) return false;
    events.push(size > room ? cutEvent(shown, room) : shown);
    room -= size;
    return true;
  }, page.test);
  return { ...account(stream), event_types, events, aggregate: null };
}

/** A sum, its largest rows first, with the samples that there is room for. */
export function sumAnswer(stream: EventStream, sum: StreamSum, page: EventPage): StreamAnswer {
  let room = page.byteBudget - frameBytes(stream);
  const share = sum.samples.length === 0 ? 0 : sampleShare;
  const aggregate = aggregateAnswer(sum.report, room * (1 - share), stream.present);
  const isCut = aggregate.unlisted.groups > sum.report.unlisted.groups;
  room -= jsonBytes(aggregate);
  const view = { format: stream.format, fields: page.fields ?? stream.fields };
  const samples: Record<string, unknown>[] = [];
  for (const record of sum.samples) {
    const shown = viewEvent(stream, streamEvent(stream.types, record), view);
    if (jsonBytes(shown) > room) continue;
    room -= jsonBytes(shown);
    samples.push(shown);
  }
  const counts = account(stream);
  const truncated = counts.truncated || isCut;
  const event_types = [...stream.types.offered];
  return { ...counts, truncated, event_types, events: [], aggregate, samples };
}

/** What an answer takes besides its events. */
function frameBytes(stream: EventStream): number {
  return jsonBytes(streamSummary(stream)) + slackBytes;
}

/** The account alone; takes nothing out of the stream. */
export function streamSummary(stream: EventStream): StreamAnswer {
  const event_types = [...stream.types.offered];
  return { ...account(stream), event_types, events: [], aggregate: null };
}

function account(stream: EventStream): Omit<StreamAnswer, "events" | "event_types"> {
  const { dropped, missedRuns, ...counts } = stream.counts;
  const more = stream.waiting > 0;
  return {
    stream_id: stream.id,
    map_id: stream.mapId,
    map_name: stream.mapName,
    ...counts,
    dropped: { ours: dropped.ours, kernel: exactOrNull(dropped.kernel) },
    missed_runs: exactOrNull(missedRuns),
    ended_by: stream.end,
    failure: stream.failure?.message ?? null,
    complete: stream.complete,
    ...costAnswer(stream.cost),
    ...pictureOf(stream),
    truncated: more,
    next_cursor: more || stream.end === null ? cursorOf(stream) : null,
  };
}

function cursorOf(stream: EventStream): string {
  return encodeCursor(stream.id, stream.position);
}

/**
 * Refuses a cursor that is not the last one given: events are given once.
 * @throws validation/invalid_cursor
 */
export function requireCurrent(stream: EventStream, cursor: string): void {
  const position = decodeCursor(stream.id, cursor);
  if (position === stream.position) return;
  throw validationError(
    "invalid_cursor",
    `Cannot continue "${stream.id}" at event ${position}: it stands at event ${stream.position}`,
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
  const what = stream.mapId === null ? stream.mapName : `map ${stream.mapId} "${stream.mapName}"`;
  await request.progress(`${stream.id} reads ${what}`, 0);
  while (stream.end === null && !signal.aborted) {
    await stream.waitForEnd(progressMs, signal);
    const { received, pending, aggregated } = stream.counts;
    const soFar = stream.isSummed ? `${aggregated} events summed up` : `${pending} events wait`;
    if (stream.end === null && !signal.aborted) {
      await request.progress(`${stream.id}: ${soFar}`, received + pending);
    }
  }
  if (!signal.aborted) return;
  stream.stop("cancelled");
  throw signal.reason;
}
