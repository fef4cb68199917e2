// read_stream: what a stream took since the last answer.
import * as z from "zod";
import { validationError } from "../errors.ts";
import { TableStream } from "../session/table_stream.ts";
import { aggregateInput, fieldsInput } from "./aggregate_input.ts";
import { asInStreamEvents, checkedAs } from "./as_in_stream_events.ts";
import { defineTool } from "./define_tool.ts";
import { requireCurrent, streamAnswer, streamAnswerShape, sumAnswer } from "./stream_answer.ts";
import { fieldsOf, whereInput } from "./stream_events.ts";
import { tableAnswer } from "./table_answer.ts";

const most = { limit: 100_000, wait_ms: 55_000 } as const;

export const streamId = z.string().min(1).max(64);

export const readStream = defineTool({
  name: "read_stream",
  title: "Read a stream",
  doc: "The next events of a stream, each once, in its format; waits up to wait_ms for the " +
    "first. where: others count as filtered. aggregate: a sum of what waits. A stream started " +
    "with aggregate sums up for wait_ms more and gives the sum since the last answer. An " +
    "ended one gives what it still holds; next_cursor is null when nothing will come.",
  toolset: "stream",
  effect: "observe",
  needs: { capability: "none", kernel: "5.8" },
  limits: { max_limit: most.limit, max_wait_ms: most.wait_ms },
  maxTimeMs: most.wait_ms + 5_000,
  input: z.strictObject({
    stream_id: streamId,
    cursor: z.string().max(512).optional(),
    limit: z.int().min(1).max(most.limit).default(1_000),
    wait_ms: z.int().min(0).max(most.wait_ms).default(1_000),
    fields: fieldsInput.optional(),
    where: z.array(asInStreamEvents).max(16).optional().describe("as in stream_events' filters"),
    aggregate: asInStreamEvents.optional().describe("as in stream_events"),
  }),
  output: z.object(streamAnswerShape),
  async run(args, { session, request }) {
    const { cursor, limit, wait_ms } = args;
    const where = checkedAs(whereInput.optional(), "where", args.where);
    const aggregate = checkedAs(aggregateInput.optional(), "aggregate", args.aggregate);
    const { byteBudget, signal } = request;
    const stream = session.streams.get(args.stream_id);
    if (stream instanceof TableStream) {
      requireEvents(args, "counts in the kernel");
      return await tableAnswer(stream, { limit, byteBudget, cursor }, signal);
    }
    if (stream.isSummed) requireEvents({ where, aggregate }, "was started with aggregate");
    const fields = fieldsOf({ fields: args.fields, format: stream.format });
    stream.types.requireFields(fields ?? []);
    const test = stream.testOf(where);
    if (cursor !== undefined) requireCurrent(stream, cursor);
    await stream.waitForEvents(wait_ms, signal);
    signal.throwIfAborted(); // before anything is taken out for an answer nobody gets
    if (cursor !== undefined) requireCurrent(stream, cursor); // another may have read meanwhile
    const page = { limit, byteBudget, fields, test };
    if (aggregate === undefined) return streamAnswer(stream, page);
    return sumAnswer(stream, stream.sumUp(aggregate, test), page);
  },
});

type Wishes = Readonly<Partial<Record<"fields" | "where" | "aggregate", unknown>>>;

/** @throws validation/invalid_arguments for what is a wish about single events */
function requireEvents({ fields, where, aggregate }: Wishes, why: string): void {
  const given = Object.entries({ fields, where, aggregate }).filter(([, one]) => one !== undefined);
  if (given.length === 0) return;
  const names = given.map(([name]) => name);
  throw validationError(
    "invalid_arguments",
    `Cannot take ${names.join(", ")}: this stream ${why}`,
    {
      arguments: names,
      hint: "Leave them out, or start a stream of events",
    },
  );
}
