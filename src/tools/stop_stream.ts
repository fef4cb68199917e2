// stop_stream: ends a stream and accounts for it.
import * as z from "zod";
import { defineTool } from "./define_tool.ts";
import { streamId } from "./read_stream.ts";
import { streamAnswerShape, streamSummary } from "./stream_answer.ts";

export const stopStream = defineTool({
  name: "stop_stream",
  title: "Stop a stream",
  doc: "End a stream after taking what is in its ring now, and give its final counts. " +
    "What is pending can still be read with read_stream.",
  toolset: "stream",
  effect: "observe",
  needs: { capability: "none", kernel: "5.8" },
  maxTimeMs: 5_000,
  input: z.strictObject({ stream_id: streamId }),
  output: z.object(streamAnswerShape),
  run({ stream_id }, { session }) {
    const stream = session.streams.get(stream_id);
    stream.stop("stopped");
    return streamSummary(stream);
  },
});
