// Sums as answers show them: the largest rows that fit, and an account of those that do not.
import * as z from "zod";
import type { AggregateReport } from "../btf/aggregate/report.ts";
import { cutValue } from "../view/cut_value.ts";
import { jsonBytes } from "../view/page.ts";

const count = z.int().nonnegative();
const row = z.record(z.string(), z.unknown());

export const aggregateShape = z.object({
  by: z.array(z.string()),
  rows: z.array(row).describe("largest first: the fields of by, and a column for each compute"),
  groups: count,
  events: count.describe("summed up since the last answer"),
  unlisted: z.object({ groups: count, events: count }).describe("not among rows"),
  other: row.nullable().describe("over events that found no room in a group of their own"),
  relative_error: z.number().nullable().describe("of percentiles, at most"),
  unplaced: count.describe("values that percentiles and histograms lack for want of room"),
});

export type AggregateAnswer = z.input<typeof aggregateShape>;

/** Adds what fields mean. */
export type Present = (fields: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** The rows that fit `bytes`; at least one, cut if need be. */
export function aggregateAnswer(
  report: AggregateReport,
  bytes: number,
  present: Present,
): AggregateAnswer {
  const { by, groups, events, relative_error, unplaced } = report;
  const other = report.other === null ? null : present(report.other);
  const frame = { by: [...by], groups, events, other, relative_error, unplaced };
  let room = bytes - jsonBytes({ ...frame, rows: [], unlisted: report.unlisted });
  const rows: Record<string, unknown>[] = [];
  for (const found of report.rows) {
    const shown = present(found);
    const size = jsonBytes(shown);
    if (size > room && rows.length > 0) break;
    rows.push(size > room ? cutRow(shown, room) : shown);
    room -= size;
  }
  const left = report.rowEvents.slice(rows.length);
  return {
    ...frame,
    rows,
    unlisted: {
      groups: report.unlisted.groups + left.length,
      events: left.reduce((sum, one) => sum + one, report.unlisted.events),
    },
  };
}

function cutRow(shown: Record<string, unknown>, room: number): Record<string, unknown> {
  const { value } = cutValue(shown, Math.max(room, 64));
  return { ...(typeof value === "object" ? value : {}), cut: true };
}
