// What a process writes, read to its end, so that the process never blocks.
import { within } from "./within.ts";

const patienceMs = 20_000;

/** Follows an output; whoever waits for its process to end waits for `ended` too. */
export class ProcessOutput {
  readonly #lines = new Set<(line: string) => void>();
  readonly #output: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when everything has been read: after the process's status, at times. */
  readonly ended: Promise<void>;

  constructor(output: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#output = output;
    this.ended = this.#follow();
  }

  /** The first line from now on that matches. */
  async firstLine(pattern: RegExp): Promise<string> {
    const found = Promise.withResolvers<string>();
    const look = (line: string) => pattern.test(line) && found.resolve(line);
    this.#lines.add(look);
    const what = `a line like ${pattern}`;
    const none = this.ended.then(() => Promise.reject(new Error(`it ended without ${what}`)));
    try {
      return await within(patienceMs, what, Promise.race([found.promise, none]));
    } finally {
      this.#lines.delete(look);
      none.catch(() => {}); // the end comes later, and is awaited then
    }
  }

  /** Everything is passed on to our own stderr. */
  async #follow(): Promise<void> {
    let rest = "";
    for await (const text of this.#output.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        console.error(line);
        for (const look of this.#lines) look(line);
      }
    }
  }
}
