// Which tracepoints there are: as tracefs lists them, and without it as the kernel's types do.
import type { NoTracefs, TracepointName } from "../../host/tracefs.ts";
import { listPattern, patternWords } from "../../view/list_pattern.ts";
import { nearest } from "../../view/nearest.ts";
import type { Missing } from "../missing.ts";
import { rawTracepoints, type TracepointSource } from "./row.ts";
import { RawTracepoints } from "./raw_arguments.ts";

const EPERM = 1;
const ENOENT = 2;
const EACCES = 13;
const NEAREST = 5;
const MOUNT = "mount -t tracefs nodev /sys/kernel/tracing";

export interface TracepointFilter {
  readonly category?: string;
  readonly pattern?: string;
}

/** A tracepoint of tracefs, or the name of a raw one. */
export type ListedTracepoint = TracepointName | string;

export interface TracepointList {
  readonly tracepoints: readonly ListedTracepoint[];
  readonly missing: readonly Missing[];
  /** Names that may have been meant, when nothing matches. */
  readonly nearest: readonly string[];
}

/** The tracepoints that the filter means. */
export function listTracepointNames(
  source: TracepointSource,
  filter: TracepointFilter,
): TracepointList {
  const listed = source.host.tracefs.tracepoints();
  if (!("errno" in listed)) return select(listed, filter, []);
  const missing: Missing[] = [whyNoTracefs(listed)];
  const raw = rawTracepoints(source.kernel);
  if (raw instanceof RawTracepoints) return select(raw.names(), filter, missing);
  missing.push({ what: "raw tracepoints", ...raw });
  return { tracepoints: [], missing, nearest: [] };
}

function select(
  listed: readonly ListedTracepoint[],
  { category, pattern }: TracepointFilter,
  missing: readonly Missing[],
): TracepointList {
  const inCategory = category === undefined
    ? null
    : listPattern(wholeName(category), { argument: "category" });
  const matches = pattern === undefined ? null : listPattern(pattern);
  const tracepoints = listed.filter((tracepoint) => {
    if (typeof tracepoint === "string") {
      return inCategory === null && (matches === null || matches(tracepoint));
    }
    if (inCategory !== null && !inCategory(tracepoint.category)) return false;
    return matches === null || matches(tracepoint.name) || matches(nameOf(tracepoint));
  });
  if (tracepoints.length > 0) return { tracepoints, missing, nearest: [] };
  return { tracepoints, missing, nearest: nearestOf(listed, { category, pattern }) };
}

/** A category is named whole, unless it is a pattern. */
function wholeName(category: string): string {
  return /^[\w.-]+$/.test(category) ? `^${category}$` : category;
}

function nearestOf(
  listed: readonly ListedTracepoint[],
  { category, pattern }: TracepointFilter,
): string[] {
  const categories = new Set(listed.flatMap((tracepoint) => {
    return typeof tracepoint === "string" ? [] : [tracepoint.category];
  }));
  const isUnknown = category !== undefined && !categories.has(category);
  if (isUnknown) return nearest(patternWords(category), categories, NEAREST);
  if (pattern === undefined) return [];
  const words = patternWords(pattern);
  const hasCategory = words.includes(":");
  const fullNames = new Map(listed.map((tracepoint) => {
    const full = nameOf(tracepoint);
    return [hasCategory || typeof tracepoint === "string" ? full : tracepoint.name, full];
  }));
  return nearest(words, fullNames.keys(), NEAREST).map((name) => fullNames.get(name) ?? name);
}

/** `category:name`, or the name alone of a raw one. */
export function nameOf(tracepoint: ListedTracepoint): string {
  if (typeof tracepoint === "string") return tracepoint;
  return `${tracepoint.category}:${tracepoint.name}`;
}

function whyNoTracefs({ folder, errno }: NoTracefs): Missing {
  const what = "tracefs: categories, ids, arguments and print formats; only raw tracepoints remain";
  if (folder === null) {
    return { what, why: "tracefs is not mounted in this mount namespace", remedy: MOUNT };
  }
  if (errno === EPERM || errno === EACCES) {
    return {
      what,
      why: `this process may not read ${folder}`,
      remedy: `run ebpf-mcp as root, or: mount -o remount,gid=GROUP,mode=750 ${folder}`,
    };
  }
  const why = errno === ENOENT
    ? `${folder} has no available_events`
    : `${folder} answers errno ${errno}`;
  return { what, why, remedy: MOUNT };
}
