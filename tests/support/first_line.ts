// Waits for a line that a process writes, and goes on reading, so that the process never blocks.
import { within } from "./within.ts";

const patienceMs = 20_000;

/** The first line that matches; everything the process writes is passed on to our stderr. */
export async function firstLine(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
  pattern: RegExp,
): Promise<string> {
  const found = Promise.withResolvers<string>();
  void follow(output, pattern, found);
  return await within(patienceMs, `a line like ${pattern}`, found.promise);
}

async function follow(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
  pattern: RegExp,
  found: PromiseWithResolvers<string>,
): Promise<void> {
  let rest = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      console.error(line);
      if (pattern.test(line)) found.resolve(line);
    }
  }
  found.reject(new Error(`the process ended without a line like ${pattern}`));
}
