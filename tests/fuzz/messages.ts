// What a process of a run tells the one that started it.
import * as z from "zod";

const at = z.object({ kind: z.literal("at"), index: z.int() });

const end = z.object({
  kind: z.literal("end"),
  cases: z.int(),
  past: z.int(),
  seconds: z.number(),
  slowestMs: z.number(),
  failures: z.array(z.object({ index: z.int(), reason: z.string(), input: z.base64() })),
  /** Bytes in memory at the end. */
  rss: z.int(),
});

const message = z.discriminatedUnion("kind", [at, end]);

export type Message = z.infer<typeof message>;
export type End = z.infer<typeof end>;

/** A line of a child's stdout; null for what is no message. */
export function parseMessage(line: string): Message | null {
  if (!line.startsWith("{")) return null;
  return message.parse(JSON.parse(line));
}
