// One tracepoint by its name, and the names there are: for the resource of a tracepoint.
import { resourceError } from "../../errors.ts";
import { nearest } from "../../view/nearest.ts";
import type { Missing } from "../missing.ts";
import { type ListedTracepoint, listTracepointNames, nameOf } from "./listing.ts";
import {
  tracepointFields,
  type TracepointRow,
  TracepointRows,
  type TracepointSource,
} from "./row.ts";

const NEAREST = 5;

/** Everything about one tracepoint, and what the host does not tell of it. */
export interface DescribedTracepoint {
  readonly tracepoint: TracepointRow;
  readonly missing: readonly Missing[];
}

/**
 * The tracepoint `category:name` with every field.
 * @throws resource/resource_not_found naming near ones
 */
export function describeTracepoint(
  source: TracepointSource,
  category: string,
  name: string,
  byteBudget: number,
): DescribedTracepoint {
  const wanted = `${category}:${name}`;
  const { tracepoints, missing } = listTracepointNames(source, {});
  const known = tracepoints.find((tracepoint) => nameOf(tracepoint) === wanted);
  if (known === undefined || typeof known === "string") {
    throw noSuchTracepoint(wanted, tracepoints.map(nameOf), missing);
  }
  const rows = new TracepointRows(source, tracepointFields, byteBudget);
  return { tracepoint: rows.describe(known), missing: rows.missing };
}

/** Every category, sorted. */
export function tracepointCategories(source: TracepointSource): string[] {
  const { tracepoints } = listTracepointNames(source, {});
  return [...new Set(tracepoints.flatMap(categoryOf))];
}

/** The names of the tracepoints in a category, or in all, sorted. */
export function tracepointNames(source: TracepointSource, category?: string): string[] {
  const { tracepoints } = listTracepointNames(source, {});
  const names = tracepoints.flatMap((tracepoint) => {
    if (typeof tracepoint === "string") return [];
    return category === undefined || tracepoint.category === category ? [tracepoint.name] : [];
  });
  return names.sort();
}

function categoryOf(tracepoint: ListedTracepoint): string[] {
  return typeof tracepoint === "string" ? [] : [tracepoint.category];
}

function noSuchTracepoint(
  wanted: string,
  names: readonly string[],
  missing: readonly Missing[],
): Error {
  const near = nearest(wanted, names, NEAREST);
  const [best] = near;
  const end = best === undefined ? "" : `; did you mean "${best}"?`;
  return resourceError("resource_not_found", `There is no tracepoint "${wanted}"${end}`, {
    tracepoint: wanted,
    nearest: near,
    hint: missing[0]?.remedy ?? "list_tracepoints lists them",
  });
}
