// Ends of a connection in memory: chunks in, lines out.

/** An input that gives the chunks one by one and then ends, or stays open. */
export class ChunkReader {
  readonly #chunks: Iterator<Uint8Array>;
  readonly #ended = Promise.withResolvers<null>();

  constructor(chunks: readonly Uint8Array[], after: "end" | "stay open" = "end") {
    this.#chunks = chunks.values(); // shift() of a long array moves all of it
    if (after === "end") this.#ended.resolve(null);
  }

  /** Ends an input that stayed open. */
  end(): void {
    this.#ended.resolve(null);
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const { value: chunk, done } = this.#chunks.next();
    if (done) return await this.#ended.promise;
    await Promise.resolve();
    buffer.set(chunk);
    return chunk.length;
  }
}

/** An output that keeps what is written, a few bytes at a time, or is closed. */
export class LineSink {
  #text = "";
  readonly #decoder = new TextDecoder();
  readonly #mostBytes: number;
  isClosed = false;

  constructor(mostBytes = 4096) {
    this.#mostBytes = mostBytes;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await Promise.resolve();
    if (this.isClosed) throw new Deno.errors.BrokenPipe("closed");
    const part = bytes.subarray(0, this.#mostBytes);
    this.#text += this.#decoder.decode(part, { stream: true });
    return part.length;
  }

  get text(): string {
    return this.#text;
  }

  get messages(): Message[] {
    return this.#text.split("\n").filter((line) => line !== "").map((line) => {
      const message: Message = JSON.parse(line);
      return message;
    });
  }

  /** The answer to one request. */
  answer(id: number | string | null): Message | undefined {
    return this.messages.find((message) => message.id === id);
  }
}

/** What tests look at in a message. */
export interface Message {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

const encoder = new TextEncoder();

/** Messages as the lines of a client. */
export function lines(...messages: readonly unknown[]): Uint8Array {
  return encoder.encode(messages.map((message) => `${JSON.stringify(message)}\n`).join(""));
}

/** A request of a client. */
export function request(id: number | string, method: string, params?: unknown): unknown {
  return { jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) };
}

export const initialize = request(0, "initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
});
