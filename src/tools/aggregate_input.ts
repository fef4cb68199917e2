// How a caller asks for sums instead of events, and for some of an event's fields.
import * as z from "zod";
import { aggregateOps } from "../btf/aggregate/spec.ts";

const path = z.string().min(1).max(256);

/** Sums over a stream's events; what goes with what is checked by `compileAggregator`. */
export const aggregateInput = z.strictObject({
  by: z.array(path).max(8).optional().describe("fields that make a group"),
  compute: z.array(z.strictObject({
    op: z.enum(aggregateOps),
    field: path.optional(),
    scale: z.enum(["log2", "linear"]).optional(),
    step: z.int().min(1).optional(),
    interval_ms: z.int().min(1).max(3_600_000).optional().describe("of rate"),
  })).max(12).optional().describe("default: count"),
  top: z.int().min(1).max(1000).optional().describe("rows; default 20"),
  sort: path.optional().describe("column, largest first"),
});

export const fieldsInput = z.array(path).min(1).max(64);
