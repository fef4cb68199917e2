// stream_events: the events of a ring or perf event array, now or in the background.
import * as z from "zod";
import { OPERATORS } from "../btf/comparison.ts";
import { permissionError, validationError } from "../errors.ts";
import { findStreamSource, type WantedSource } from "../session/find_stream_source.ts";
import { type EventFormat, eventFormats, type StreamOptions } from "../session/stream_options.ts";
import type { Session } from "../session/session.ts";
import type { MapSource, StreamSource } from "../session/stream_source.ts";
import { tracePipe } from "../session/trace_pipe.ts";
import { traceLineType } from "../session/trace_records.ts";
import { stream_limits } from "../session/streams.ts";
import { aggregateInput, fieldsInput } from "./aggregate_input.ts";
import { defineTool, type RequestContext } from "./define_tool.ts";
import { kernelId } from "./loaded_shapes.ts";
import { followStream, streamAnswer, streamAnswerShape, streamSummary } from "./stream_answer.ts";

const most = {
  duration_ms: 600_000,
  max_events: 100_000_000,
  where: 16,
} as const;
const foregroundDefaults = { duration_ms: 5_000, max_events: 1_000 } as const;

/** Comparisons of fields, joined by and. */
export const whereInput = z.array(z.strictObject({
  field: z.string().min(1).max(256).describe("a path such as addr.port"),
  op: z.enum(OPERATORS),
  value: z.union([z.string().max(1024), z.number(), z.boolean()]),
})).max(most.where);

/** What passes; shared with `run_gadget`. */
export const streamFilters = z.strictObject({
  pid: z.int().min(0).max(2 ** 31 - 1).optional(),
  comm: z.string().max(64).optional(),
  cpu: z.int().min(0).max(8191).optional(),
  min_timestamp_ns: z.union([z.int().nonnegative(), z.string().regex(/^[0-9]{1,20}$/)]).optional(),
  where: whereInput.optional(),
});

export const streamEvents = defineTool({
  name: "stream_events",
  title: "Stream events",
  doc: "Read the events that a program writes to a ringbuf or perf_event_array map, decoded by " +
    "the object's BTF. Foreground: ends after duration_ms or max_events. background: a " +
    "stream_id at once, for read_stream and stop_stream. format json: fields by name (hex " +
    "where no type fits). Filters are joined by and: pid, comm and cpu match fields of those " +
    "names (cpu also the perf buffer's CPU), min_timestamp_ns a time field; one that no event " +
    "type can answer is refused, events without the field count as filtered. A ring of " +
    "another process is shown as a snapshot; take_over (admin) reads it instead of its owner. " +
    "source trace_pipe: lines, each taken from other readers. aggregate: sums with samples.",
  toolset: "stream",
  effect: "observe",
  needs: { capability: "CAP_BPF and CAP_PERFMON; CAP_SYS_ADMIN for maps of others", kernel: "5.8" },
  limits: {
    max_duration_ms: most.duration_ms,
    max_streams: stream_limits.running,
    queue_bytes: stream_limits.queueBytes,
  },
  maxTimeMs: most.duration_ms + 10_000,
  input: z.strictObject({
    map_id: kernelId.optional(),
    program_id: kernelId.optional().describe("a program that uses one event map"),
    source: z.enum(["trace_pipe"]).optional().describe("what programs print with bpf_printk"),
    event_type: z.string().min(1).max(256).optional().describe("a struct of the object's BTF"),
    duration_ms: z.int().min(1).max(most.duration_ms).optional()
      .describe(`foreground: ${foregroundDefaults.duration_ms} by default`),
    max_events: z.int().min(1).max(most.max_events).optional()
      .describe(`foreground: ${foregroundDefaults.max_events} by default`),
    format: z.enum(eventFormats).default("json"),
    filters: streamFilters.optional(),
    aggregate: aggregateInput.optional().describe("sums instead of events"),
    fields: fieldsInput.optional().describe("of each event, these alone"),
    background: z.boolean().default(false),
    take_over: z.boolean().default(false),
  }),
  output: z.object(streamAnswerShape),
  async run(args, { session, request }) {
    using opened = new DisposableStack();
    const { source, ...how } = sourceOf(args, session, request, opened);
    const stream = session.streams.start(source, {
      ...how,
      filters: args.filters,
      aggregate: args.aggregate,
      fields: fieldsOf(args),
      durationMs: args.duration_ms ??
        (args.background ? undefined : foregroundDefaults.duration_ms),
      maxEvents: args.max_events ?? defaultEvents(args),
      format: args.format,
    });
    if (args.background) return streamSummary(stream);
    await followStream(stream, request);
    return streamAnswer(stream, { limit: most.max_events, byteBudget: request.byteBudget });
  },
});

/** A sum is no longer for more events. */
function defaultEvents(args: { background: boolean; aggregate?: unknown }): number | undefined {
  return args.background || args.aggregate !== undefined
    ? undefined
    : foregroundDefaults.max_events;
}

/**
 * Fields are of decoded events.
 * @throws validation/invalid_arguments
 */
export function fieldsOf(
  { fields, format }: { fields?: readonly string[]; format: EventFormat },
): readonly string[] | undefined {
  if (fields === undefined || format === "json") return fields;
  throw validationError("invalid_arguments", `Cannot give fields of ${format} bytes`, {
    arguments: ["fields"],
    hint: "format json gives decoded events",
  });
}

interface SourceArguments {
  readonly map_id?: number;
  readonly program_id?: number;
  readonly source?: "trace_pipe";
  readonly event_type?: string;
  readonly take_over: boolean;
}

/** Where the events come from, and how they are taken. A map is closed once the stream has it. */
function sourceOf(
  args: SourceArguments,
  session: Session,
  request: RequestContext,
  opened: DisposableStack,
): { source: StreamSource } & Pick<StreamOptions, "mode" | "eventType"> {
  const wanted = wantedSource(args);
  if (wanted === "trace_pipe") {
    if (args.event_type === undefined) {
      return { source: tracePipe(), mode: "consume", eventType: traceLineType };
    }
    throw validationError("invalid_arguments", "Cannot take event_type: trace_pipe has lines", {
      arguments: ["event_type"],
      hint: "Its fields are timestamp_ns, tid, cpu, comm, program, event and text",
    });
  }
  const source = findStreamSource(session.objects.values(), wanted);
  opened.use(source.map);
  const mode = modeFor(source, args.take_over ? "take over" : "look", request);
  return { source, mode, eventType: args.event_type };
}

function wantedSource(
  { map_id, program_id, source }: SourceArguments,
): WantedSource | "trace_pipe" {
  const given = Object.entries({ map_id, program_id, source }).filter(([, one]) => {
    return one !== undefined;
  });
  if (given.length !== 1) {
    const found = given.length === 0 ? "none" : given.map(([name]) => name).join(" and ");
    throw validationError(
      "invalid_arguments",
      `Name one of map_id, program_id and source: ${found} was given`,
      { hint: "load_program and inspect_state list map ids" },
    );
  }
  if (map_id !== undefined) return { mapId: map_id };
  return program_id === undefined ? "trace_pipe" : { programId: program_id };
}

/** Whoever reads a ring moves its owner's position: only an admin, and only when told to. */
function modeFor(
  source: MapSource,
  intent: "take over" | "look",
  request: RequestContext,
): StreamOptions["mode"] {
  if (source.owner === "session") return "consume";
  const { info, name } = source.map;
  if (source.kind === "perf") {
    throw permissionError(
      "not_owner",
      `Cannot stream map ${info.id} "${name}": a perf event array belongs to whoever reads it, ` +
        "and this session did not make it",
      { map_id: info.id, hint: "Load the program in this session, or read its owner's output" },
    );
  }
  if (intent === "look") return "snapshot";
  if (request.role === "admin") return "consume";
  throw permissionError(
    "not_owner",
    `Cannot take over map ${info.id} "${name}": this session did not make it and has the role ` +
      `${request.role}, admin is wanted`,
    { map_id: info.id, hint: "Without take_over a snapshot is given that consumes nothing" },
  );
}
