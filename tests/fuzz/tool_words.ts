// What arguments mean: names of what the session has, of what is missing, and of what is forbidden.
import type { Random } from "./random.ts";
import type { Json } from "./schema_values.ts";

/** Stand for what the session has when the input runs: ids differ from run to run. */
export const STAND_INS = [
  "$program",
  "$other_program",
  "$map",
  "$ring",
  "$object",
  "$stream",
  "$foreign_program",
  "$foreign_map",
  "$dump_cursor",
  "$state_cursor",
] as const;
export type StandIn = typeof STAND_INS[number];

/** What stands in for an object's bytes in base64; a number behind it says how they are changed. */
export const BLOB = "$blob ";

/** No process has it: the largest that the schema takes, and above any kernel's limit here. */
export const MISSING_PID = 4_194_304;
const MISSING_ID = 4_000_000_000;

const PATHS = [
  "maps.o",
  "no_maps.o",
  "rejected.o",
  "folder",
  "missing.o",
  "../outside",
  "/etc/passwd",
  "/dev/null",
  "text.o",
  "a\u0000b",
  "./maps.o",
] as const;

/** One program where nothing happens. */
const QUIET_GADGET = "oom_kill";

/** The map names, types and fields of the objects that are loaded, among others. */
const WORDS: Readonly<Record<string, readonly Json[]>> = {
  program_id: ["$program", "$program", "$other_program", "$foreign_program", MISSING_ID],
  map_id: ["$map", "$map", "$ring", "$ring", "$foreign_map", MISSING_ID],
  link_id: [MISSING_ID, MISSING_ID - 1],
  object_id: ["$object", "object-999"],
  attachment_id: ["attachment-1", "attachment-999"],
  stream_id: ["$stream", "$stream", "stream-999"],
  cursor: ["$dump_cursor", "$state_cursor", "AAAA", "eyJhIjoxfQ", "x".repeat(512)],
  gadget: [QUIET_GADGET, QUIET_GADGET, "missing", "exec_snop"],
  aggregate: ["none", "by_program", "missing"],
  map_name: ["counts", "rows", "by_name", "queue", "cpu_points", "inner_by_index", "missing"],
  event_type: ["shape_event", "struct tick_event", "point", "missing"],
  field: ["index", "point.x", "comm", "missing", "a.b.c.d"],
  type: ["hash", "ringbuf", "xdp", "missing", "tracing"],
  name: ["counts", "c*", "?ounts", "**", "[", "missing", "pass", "fuzz"],
  comm: ["fuzz", ""],
  path: PATHS,
  checksum: [`sha256:${"0".repeat(64)}`],
  interface: ["fuzz_missing0", "nope1"],
  pid: [MISSING_PID],
  duration_ms: [1, 2, 3],
  wait_ms: [0, 1, 2],
  limit: [1, 50, 1000],
  max_entries: [1, 10, 100_000],
  ids: ["$program", "$map", "$foreign_program"],
};

/** What a member of this name might hold; undefined to take what its schema says. */
export function toolWords(random: Random, name: string, place: string): Json | undefined {
  if (name === "blob") return `${BLOB}${random.once(2) ? 0 : random.u32()}`;
  if (name === "name" && place.startsWith(".source")) return random.pick(["exec_snoop", "missing"]);
  if (place.startsWith(".attachment") && name !== "interface" && name !== "pid") return undefined;
  const words = WORDS[name];
  return words === undefined ? undefined : random.pick(words);
}

const TIMES: Readonly<Record<string, number>> = { duration_ms: 4, wait_ms: 4 };

/**
 * The arguments of a call that can do no harm: what would attach to something real is pointed at
 * what is missing, and what would wait waits a few milliseconds.
 */
export function harmless(tool: string, args: Json): Json {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return args;
  const safe: Record<string, Json> = { ...args };
  if (tool === "run_gadget" && safe.gadget === "exec_snoop") safe.gadget = QUIET_GADGET;
  if ("attachment" in safe) safe.attachment = harmlessAttachment(safe.attachment);
  if (tool === "read_stream") safe.wait_ms ??= 1;
  if (tool === "stream_events" || tool === "run_gadget") safe.duration_ms ??= 2;
  if (tool === "trace_errors") safe.duration_ms ??= 10;
  if (tool === "triage") safe.seconds = outOfBounds(safe.seconds);
  for (const [name, most] of Object.entries(TIMES)) {
    const value = safe[name];
    if (typeof value === "number" && value > most && value <= 60_000) safe[name] = value % most;
  }
  return safe;
}

/** A look at the host takes a second at least: what would begin one is refused before. */
function outOfBounds(seconds: Json | undefined): Json {
  return seconds === undefined || typeof seconds === "number" ? 0 : seconds;
}

/** Interfaces, files, groups and processes that are not there; members keep their types. */
function harmlessAttachment(attachment: Json): Json {
  if (typeof attachment !== "object" || attachment === null) return attachment;
  if (Array.isArray(attachment)) return attachment;
  if (attachment.type === "auto") return { ...attachment, type: "automatic" };
  const entries = Object.entries(attachment).map(([name, value]): [string, Json] => {
    if (typeof value === "number" && name === "pid") return [name, MISSING_PID];
    if (typeof value !== "string" || name === "type" || KEPT.includes(name)) return [name, value];
    return [name, /^[\w.:/-]{2,}$/.test(value) ? missing(value) : value];
  });
  const isForAll = attachment.type === "perf_event" || attachment.type === "uprobe" ||
    attachment.type === "uretprobe";
  return Object.fromEntries(isForAll ? [...entries, ["pid", MISSING_PID]] : entries);
}

/** Choices of the schema, which name nothing on this host. */
const KEPT: readonly string[] = ["mode", "direction", "attach_type", "event"];

/** As long, as far as it matters, and surely not there. */
function missing(value: string): string {
  return value.startsWith("fuzz") || value.startsWith("xxx") ? value : `fuzz_${value.slice(0, 8)}`;
}
