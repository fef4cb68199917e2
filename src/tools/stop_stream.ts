// stop_stream: ends a stream and accounts for it.
import * as z from "zod";
import { TableStream } from "../session/table_stream.ts";
import { mostRows } from "../session/table_rows.ts";
import { defineTool } from "./define_tool.ts";
import { streamId } from "./read_stream.ts";
import { streamAnswer, streamAnswerShape, streamSummary } from "./stream_answer.ts";
import { tableAnswer } from "./table_answer.ts";

export const stopStream = defineTool({
  name: "stop_stream",
  title: "Stop a stream",
  doc: "End a stream after taking what is in its ring now, and give its final counts. " +
    "What is pending can still be read with read_stream; a sum is given here, to its end.",
  toolset: "stream",
  effect: "observe",
  needs: { capability: "none", kernel: "5.8" },
  maxTimeMs: 5_000,
  input: z.strictObject({ stream_id: streamId }),
  output: z.object(streamAnswerShape),
  async run({ stream_id }, { session, request }) {
    const stream = session.streams.get(stream_id);
    stream.stop("stopped");
    if (stream instanceof TableStream) {
      const page = { limit: mostRows, byteBudget: request.byteBudget };
      return await tableAnswer(stream, page, request.signal);
    }
    if (!stream.isSummed) return streamSummary(stream);
    return streamAnswer(stream, { limit: 1, byteBudget: request.byteBudget });
  },
});
