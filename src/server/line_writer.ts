// Messages to lines on an output that may be slow: in order, and those who produce can wait.
import { toJson } from "../view/json.ts";
import { terminalSafeJson } from "../view/text.ts";

export interface ByteWriter {
  write(bytes: Uint8Array): Promise<number>;
}

/** With this much waiting, whoever causes output should wait for `drained`. */
const highWaterBytes = 4 * 1024 * 1024;

interface WaitingLine {
  readonly bytes: Uint8Array;
  readonly written: PromiseWithResolvers<void>;
}

/** One line per message. After the first failed write nothing is written any more. */
export class LineWriter {
  readonly #writer: ByteWriter;
  readonly #encoder = new TextEncoder();
  readonly #waiting: WaitingLine[] = [];
  readonly #failure = Promise.withResolvers<void>();
  #waitingBytes = 0;
  #isWriting = false;
  #failed: { readonly error: unknown } | null = null;

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  /** Resolves when the output turns out to be closed (EPIPE) or broken. */
  get failure(): Promise<void> {
    return this.#failure.promise;
  }

  /** Resolves when the line is written; rejects when the output is gone. */
  send(message: unknown): Promise<void> {
    if (this.#failed !== null) return Promise.reject(this.#failed.error);
    const bytes = this.#encoder.encode(`${terminalSafeJson(toJson(message))}\n`);
    const written = Promise.withResolvers<void>();
    this.#waiting.push({ bytes, written });
    this.#waitingBytes += bytes.length;
    if (!this.#isWriting) void this.#writeAll();
    return written.promise;
  }

  /** Resolves at once unless much is waiting; then when the last line of it is written. */
  async drained(): Promise<void> {
    if (this.#waitingBytes > highWaterBytes) await this.flushed();
  }

  /** Resolves when what waits now is written, or never will be. */
  async flushed(): Promise<void> {
    await this.#waiting.at(-1)?.written.promise.catch(() => {}); // `failure` tells of it
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    for (let line = this.#waiting.at(0); line !== undefined; line = this.#waiting.at(0)) {
      try {
        let rest = line.bytes;
        while (rest.length > 0) rest = rest.subarray(await this.#writer.write(rest));
        line.written.resolve();
      } catch (error) {
        this.#fail(error);
        break;
      }
      this.#waiting.shift();
      this.#waitingBytes -= line.bytes.length;
    }
    this.#isWriting = false;
  }

  #fail(error: unknown): void {
    this.#failed = { error };
    for (const line of this.#waiting.splice(0)) line.written.reject(error);
    this.#waitingBytes = 0;
    this.#failure.resolve();
  }
}
