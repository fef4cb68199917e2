// run_gadget: a built-in question answered in one call.
import * as z from "zod";
import type { AggregateSpec } from "../btf/aggregate/spec.ts";
import { validationError } from "../errors.ts";
import { gadgets } from "../gadgets/embedded.gen.ts";
import { requireRole } from "../gadgets/gadget_role.ts";
import { type Presenter, presentFields } from "../gadgets/present.ts";
import { endGadget, type GadgetRun, releaseWhenEnded, startGadget } from "../gadgets/runner.ts";
import type { Gadget } from "../gadgets/skeleton.ts";
import { eventFormats } from "../session/stream_options.ts";
import { TableStream } from "../session/table_stream.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { jsonBytes } from "../view/page.ts";
import { aggregateInput, fieldsInput } from "./aggregate_input.ts";
import { asInStreamEvents, checkedAs } from "./as_in_stream_events.ts";
import { defineTool, type RequestContext, type ToolContext } from "./define_tool.ts";
import {
  type EventPage,
  followStream,
  type StreamAnswer,
  streamAnswer,
  streamAnswerShape,
  streamSummary,
} from "./stream_answer.ts";
import { fieldsOf, streamFilters } from "./stream_events.ts";
import { followTable, tableAnswer } from "./table_answer.ts";
import { whoIsWho } from "./who.ts";

const most = { duration_ms: 600_000, max_events: 100_000_000 } as const;
const foregroundDefaults = { duration_ms: 5_000, max_events: 1_000 } as const;
/** `aggregate` that asks for the events themselves. */
const EVENTS = "none";

const input = z.strictObject({
  gadget: z.string().min(1).max(64).describe(gadgets.map(({ name }) => name).join(", ")),
  params: z.record(z.string().min(1).max(64), z.unknown()).default({})
    .describe("its own, asked in the kernel: pid, comm, cgroup, container…"),
  duration_ms: z.int().min(1).max(most.duration_ms).optional()
    .describe(`foreground: ${foregroundDefaults.duration_ms} by default`),
  max_events: z.int().min(1).max(most.max_events).optional()
    .describe(`of events in the foreground: ${foregroundDefaults.max_events} by default`),
  aggregate: z.union([z.string().min(1).max(32), asInStreamEvents]).optional()
    .describe(`"${EVENTS}": events; one of the gadget's by name; or as in stream_events`),
  fields: fieldsInput.optional().describe("of each event, these alone"),
  format: z.enum(eventFormats).default("json"),
  filters: asInStreamEvents.optional()
    .describe("applied to events after the kernel's: as in stream_events"),
  max_overhead_percent: z.int().min(1).max(100).default(5)
    .describe("of one CPU: over it the run ends"),
  background: z.boolean().default(false),
});

type Arguments = z.output<typeof input>;

export const runGadget = defineTool({
  name: "run_gadget",
  title: "Run a gadget",
  doc: "Answer a question with a built-in program: load, attach, wait, release, in one call; the " +
    "host is only observed. list_gadgets says what each answers and takes. Foreground: " +
    "duration_ms, then sums with samples, or a table's rows. background: a stream_id at once; " +
    "read_stream gives events (sums with aggregate) or rows, stop_stream ends it.",
  toolset: "stream",
  effect: "observe",
  needs: { capability: "CAP_BPF and CAP_PERFMON", kernel: "5.8" },
  limits: { max_duration_ms: most.duration_ms },
  maxTimeMs: most.duration_ms + 30_000,
  input,
  output: z.object({
    gadget: z.string(),
    object_id: z.string().describe("Of the run; released when it ends"),
    released: z.boolean().describe("Its programs and maps are gone; false in the background"),
    note: z.string().optional(),
    who: z.array(z.record(z.string(), z.unknown())).optional()
      .describe("processes of this answer: command, user, container, unit"),
    ...streamAnswerShape,
  }),
  async run(args, { session, host, request }) {
    const gadget = session.services.gadgets.get(args.gadget);
    requireRole(gadget, request.role);
    const run = await start({ session, host }, gadget, args, request);
    const named = { gadget: gadget.name, object_id: run.object.objectId };
    const bytes = request.byteBudget - nameBytes;
    const page = { limit: most.max_events, byteBudget: bytes - whoBytes };
    if (args.background) {
      void releaseWhenEnded(session, run);
      return { ...named, released: false, ...await summary(run, page, request) };
    }
    try {
      if (run.stream instanceof TableStream) await followTable(run.stream, request);
      else await followStream(run.stream, request);
    } finally {
      await endGadget(session, run.object);
    }
    const answer = run.stream instanceof TableStream
      ? await tableAnswer(run.stream, page, request.signal)
      : streamAnswer(run.stream, page);
    const who = whoIn(answer, host.enrichment, bytes - jsonBytes(answer));
    return { ...named, released: true, ...noteOf(run, args), ...answer, ...who };
  },
});

/** What is kept for `who`, and how many processes it names at most. */
const whoBytes = 1_000;
const mostWho = 12;

/** The processes that the answer names, as far as there is room. */
function whoIn(
  { events, samples = [], rows = [] }: StreamAnswer,
  enrichment: ToolContext["host"]["enrichment"],
  bytes: number,
): { who?: Record<string, unknown>[] } {
  const who: Record<string, unknown>[] = [];
  let room = bytes - jsonBytes({ who });
  for (const one of whoIsWho(enrichment, [...events, ...samples, ...rows], mostWho)) {
    room -= jsonBytes(one);
    if (room < 0) break;
    who.push({ ...one });
  }
  return who.length === 0 ? {} : { who };
}

/** JSON of the answer's own fields. */
const nameBytes = 320;

function start(
  { session, host }: Pick<ToolContext, "session" | "host">,
  gadget: Gadget,
  args: Arguments,
  { signal }: RequestContext,
): Promise<GadgetRun> {
  const { manifest } = gadget;
  if (manifest.output.type === "table") requireTableWishes(gadget, args);
  const aggregate = manifest.output.type === "table" ? undefined : aggregationOf(gadget, args);
  const presenter: Presenter = {
    service: (port, transport) => host.enrichment.service(port, transport),
  };
  const isForeground = !args.background;
  const enough = isForeground && aggregate === undefined
    ? foregroundDefaults.max_events
    : undefined;
  return startGadget(session, gadget, args.params, {
    filters: args.filters && checkedAs(streamFilters, "filters", args.filters),
    aggregate,
    fields: fieldsOf(args),
    present: (fields) => presentFields(manifest.fields, fields, presenter),
    durationMs: args.duration_ms ?? (isForeground ? foregroundDefaults.duration_ms : undefined),
    maxEvents: args.max_events ?? enough,
    format: args.format,
    maxOverheadPercent: args.max_overhead_percent,
  }, signal);
}

/**
 * What is summed up; undefined for the events themselves. Who waits for an answer gets the
 * gadget's first sum; who reads a stream, bytes or fields of events gets events.
 * @throws validation/invalid_arguments naming the gadget's own
 */
function aggregationOf({ name, manifest }: Gadget, args: Arguments): AggregateSpec | undefined {
  const { aggregate } = args;
  const { aggregations } = manifest;
  if (typeof aggregate === "object") return checkedAs(aggregateInput, "aggregate", aggregate);
  if (aggregate === EVENTS) return undefined;
  if (aggregate === undefined) {
    const wantsEvents = args.background || args.format !== "json" || args.fields !== undefined ||
      args.max_events !== undefined;
    return wantsEvents ? undefined : aggregations[0];
  }
  const found = aggregations.find((one) => one.name === aggregate);
  if (found !== undefined) return found;
  const names = [...aggregations.map((one) => one.name), EVENTS];
  throw validationError(
    "invalid_arguments",
    `Gadget "${name}" has no aggregation "${aggregate}"${didYouMean(aggregate, names)}`,
    { gadget: name, aggregate, accepted: names, hint: "or state your own: {by, compute}" },
  );
}

/** @throws validation/invalid_arguments for what only events have */
function requireTableWishes({ name }: Gadget, args: Arguments): void {
  const { filters, fields, max_events } = args;
  const aggregate = args.aggregate === EVENTS ? undefined : args.aggregate;
  const format = args.format === "json" ? undefined : args.format;
  const given = Object.entries({ filters, fields, max_events, aggregate, format })
    .filter(([, value]) => value !== undefined).map(([key]) => key);
  if (given.length === 0) return;
  throw validationError(
    "invalid_arguments",
    `Gadget "${name}" counts in the kernel, and has no events for ${given.join(", ")}`,
    { gadget: name, arguments: given, hint: "params are asked in the kernel; leave the rest out" },
  );
}

/** Nothing is taken out of the stream yet. */
async function summary(
  { stream }: GadgetRun,
  page: EventPage,
  { signal }: RequestContext,
): Promise<StreamAnswer> {
  if (stream instanceof TableStream) return await tableAnswer(stream, page, signal);
  return streamSummary(stream);
}

/** Why a run ended early, in words. */
function noteOf({ stream }: GadgetRun, { max_overhead_percent }: Arguments): { note?: string } {
  if (stream.end !== "overhead") return {};
  return {
    note: `Ended early: its programs took more than ${max_overhead_percent} % of a CPU within a ` +
      "second. What it saw until then is here. Ask about less (params), or allow more " +
      "(max_overhead_percent)",
  };
}
