// What the stream tools answer about a table: its largest rows, and what was lost.
import type { TableStream } from "../session/table_stream.ts";
import { encodeCursor, listOf, pageOf } from "../view/page.ts";
import { costAnswer } from "./cost_answer.ts";
import type { RequestContext } from "./define_tool.ts";
import { pictureOf } from "./stream_picture.ts";
import { exactOrNull } from "../btf/value.ts";
import type { StreamAnswer } from "./stream_answer.ts";

export interface TablePage {
  /** Most rows. */
  readonly limit: number;
  /** Most bytes of the whole answer. */
  readonly byteBudget: number;
  readonly cursor?: string;
}

/** Bytes that an answer takes besides its rows. */
const accountBytes = 900;

/**
 * The rows so far, those with the most first; after the end the final ones, page by page.
 * @throws validation/invalid_cursor, kernel/map_read_failed
 */
export async function tableAnswer(
  stream: TableStream,
  page: TablePage,
  signal: AbortSignal,
): Promise<StreamAnswer> {
  const { rows, total } = await stream.rows(signal);
  const list = listOf(stream.id, "rows");
  const request = { ...page, byteBudget: page.byteBudget - accountBytes };
  const { items, truncated, next_cursor } = pageOf(
    list,
    rows,
    request,
    stream.present,
  );
  const ended = stream.end !== null;
  const { dropped, missedRuns, ...counts } = stream.counts;
  return {
    stream_id: stream.id,
    map_id: stream.mapId,
    map_name: stream.mapName,
    ...counts,
    dropped: { ours: dropped.ours, kernel: exactOrNull(dropped.kernel) },
    missed_runs: exactOrNull(missedRuns),
    ended_by: stream.end,
    failure: stream.failure?.message ?? null,
    complete: stream.complete && !truncated && rows.length === total,
    ...costAnswer(stream.cost),
    events: [],
    event_types: [],
    rows: items,
    total,
    truncated: truncated || rows.length < total,
    ...pictureOf(stream),
    next_cursor: next_cursor ?? (ended ? null : encodeCursor(list, 0)),
  };
}

/** Between two progress messages. */
const progressMs = 1_000;

/**
 * Waits until the table ends and tells how far it is; the first message names it.
 * @throws the signal's reason when it aborts; the table is stopped then, and can still be read
 */
export async function followTable(stream: TableStream, request: RequestContext): Promise<void> {
  const { signal } = request;
  const started = performance.now();
  await request.progress(`${stream.id} counts in map ${stream.mapId} "${stream.mapName}"`, 0);
  while (stream.end === null && !signal.aborted) {
    await stream.waitForEnd(progressMs, signal);
    if (stream.end !== null || signal.aborted) break;
    const seconds = Math.floor((performance.now() - started) / 1000);
    await request.progress(`${stream.id}: ${seconds} s`, seconds);
  }
  if (!signal.aborted) return;
  stream.stop("cancelled");
  throw signal.reason;
}
