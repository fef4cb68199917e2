// run_gadget: a built-in question answered in one call.
import * as z from "zod";
import { gadgets } from "../gadgets/embedded.gen.ts";
import { gadgetParameters } from "../gadgets/parameters.ts";
import { endGadget, releaseWhenEnded, startGadget } from "../gadgets/runner.ts";
import type { Gadget } from "../gadgets/skeleton.ts";
import { eventFormats } from "../session/stream.ts";
import type { SessionStream } from "../session/streams.ts";
import { TableStream } from "../session/table_stream.ts";
import { defineTool, type RequestContext } from "./define_tool.ts";
import {
  type EventPage,
  followStream,
  type StreamAnswer,
  streamAnswer,
  streamAnswerShape,
  streamSummary,
} from "./stream_answer.ts";
import { streamFilters } from "./stream_events.ts";
import { followTable, tableAnswer } from "./table_answer.ts";

const most = { duration_ms: 600_000, max_events: 100_000_000 } as const;
const foregroundDefaults = { duration_ms: 5_000, max_events: 1_000 } as const;
const noDefaults = { duration_ms: undefined, max_events: undefined } as const;

const doc = "Answer a question with a built-in program: load, attach, stream its events and " +
  "release everything, in one call. Foreground: ends after duration_ms or max_events with the " +
  "events. background: gives a stream_id at once; read_stream gives the events, stop_stream " +
  "ends and releases it. Starting takes under 1 s. The host is only observed.";

export const runGadget = defineTool({
  name: "run_gadget",
  title: "Run a gadget",
  doc: `${doc}\n${gadgets.map(gadgetText).join("\n")}`,
  toolset: "stream",
  effect: "observe",
  needs: { capability: "CAP_BPF and CAP_PERFMON", kernel: "5.8" },
  limits: { max_duration_ms: most.duration_ms },
  maxTimeMs: most.duration_ms + 30_000,
  input: z.strictObject({
    gadget: z.string().min(1).max(64).describe(gadgets.map(({ name }) => name).join(", ")),
    params: z.record(z.string().min(1).max(64), z.unknown()).default({})
      .describe("The gadget's own filters, applied in the kernel"),
    duration_ms: z.int().min(1).max(most.duration_ms).optional()
      .describe(`foreground: ${foregroundDefaults.duration_ms} by default`),
    max_events: z.int().min(1).max(most.max_events).optional()
      .describe(`foreground: ${foregroundDefaults.max_events} by default`),
    format: z.enum(eventFormats).default("json"),
    filters: streamFilters.optional().describe("Applied to events after the kernel's"),
    max_overhead_percent: z.int().min(1).max(100).default(5)
      .describe("of one CPU: over it the run ends"),
    background: z.boolean().default(false),
  }),
  output: z.object({
    gadget: z.string(),
    object_id: z.string().describe("Of the run; released when it ends"),
    released: z.boolean().describe("Its programs and maps are gone; false in the background"),
    ...streamAnswerShape,
  }),
  async run(args, { session, request }) {
    const gadget = session.services.gadgets.get(args.gadget);
    const defaults = args.background ? noDefaults : foregroundDefaults;
    const run = await startGadget(session, gadget, args.params, {
      filters: args.filters,
      durationMs: args.duration_ms ?? defaults.duration_ms,
      maxEvents: args.max_events ?? defaults.max_events,
      format: args.format,
      maxOverheadPercent: args.max_overhead_percent,
    }, request.signal);
    const named = { gadget: gadget.name, object_id: run.object.objectId };
    const page = { limit: most.max_events, byteBudget: request.byteBudget - nameBytes };
    if (args.background) {
      void releaseWhenEnded(session, run);
      return { ...named, released: false, ...await startedAnswer(run.stream, page, request) };
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
    return { ...named, released: true, ...answer };
  },
});

/** Nothing is taken out of the stream yet. */
async function startedAnswer(
  stream: SessionStream,
  page: EventPage,
  { signal }: RequestContext,
): Promise<StreamAnswer> {
  if (stream instanceof TableStream) return await tableAnswer(stream, page, signal);
  return streamSummary(stream);
}

/** JSON of the answer's own fields. */
const nameBytes = 160;

/** One paragraph for a reader who has never seen the gadget. */
function gadgetText(gadget: Gadget): string {
  const params = gadgetParameters(gadget).map((one) => `${one.name} (${one.type})`).join(", ");
  return `${gadget.name}: ${gadget.manifest.question} params: ${params}.`;
}
