// A child's output, line by line as it is asked for.

export class Lines {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #pending = "";

  constructor(output: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = output.getReader();
  }

  /** The next line without its end; null where the output ends first. */
  async next(): Promise<string | null> {
    for (;;) {
      const end = this.#pending.indexOf("\n");
      if (end >= 0) {
        const line = this.#pending.slice(0, end);
        this.#pending = this.#pending.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#reader.read();
      if (done) return null;
      this.#pending += this.#decoder.decode(value, { stream: true });
    }
  }

  /** What comes from here on is nobody's. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}
