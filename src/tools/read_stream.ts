// read_stream: what a stream took since the last answer.
import * as z from "zod";
import { TableStream } from "../session/table_stream.ts";
import { defineTool } from "./define_tool.ts";
import { requireCurrent, streamAnswer, streamAnswerShape } from "./stream_answer.ts";
import { tableAnswer } from "./table_answer.ts";

const most = { limit: 100_000, wait_ms: 55_000 } as const;

export const streamId = z.string().min(1).max(64);

export const readStream = defineTool({
  name: "read_stream",
  title: "Read a stream",
  doc: "Read the next events of a stream, each once, in the format that it was started with. " +
    "Waits up to wait_ms for the first event. A stream that has ended, also by a cancelled " +
    "stream_events, gives what it still holds; next_cursor is null when nothing will come.",
  toolset: "stream",
  effect: "observe",
  needs: { capability: "none", kernel: "5.8" },
  limits: { max_limit: most.limit, max_wait_ms: most.wait_ms },
  maxTimeMs: most.wait_ms + 5_000,
  input: z.strictObject({
    stream_id: streamId,
    cursor: z.string().max(512).optional().describe("next_cursor of the last answer; optional"),
    limit: z.int().min(1).max(most.limit).default(1_000),
    wait_ms: z.int().min(0).max(most.wait_ms).default(1_000),
  }),
  output: z.object(streamAnswerShape),
  async run({ stream_id, cursor, limit, wait_ms }, { session, request }) {
    const stream = session.streams.get(stream_id);
    if (stream instanceof TableStream) {
      const page = { limit, byteBudget: request.byteBudget, cursor };
      return await tableAnswer(stream, page, request.signal);
    }
    if (cursor !== undefined) requireCurrent(stream, cursor);
    await stream.waitForEvents(wait_ms, request.signal);
    request.signal.throwIfAborted(); // before anything is taken out for an answer nobody gets
    return streamAnswer(stream, { limit, byteBudget: request.byteBudget });
  },
});
