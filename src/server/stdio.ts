// MCP over stdin and stdout behind the SDK's Transport: answers what the SDK would choke on.
// @ts-types="@modelcontextprotocol/sdk/shared/transport"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { log } from "../log.ts";
import { type Line, LineReader } from "./line_reader.ts";
import { type ByteWriter, LineWriter } from "./line_writer.ts";
import { readLine, type Refusal, refusedCode, type RequestId } from "./wire.ts";

export interface ByteReader {
  read(buffer: Uint8Array): Promise<number | null>;
}

/** The longest line that is read: a 4 MiB object in base64 with room to spare. */
export const longestLineBytes = 12 * 1024 * 1024;

const chunkBytes = 64 * 1024;

/** After the last input, requests that are nearly done still get their answers. */
const lastAnswersTimeoutMs = 200;

/** Then what still runs is cancelled, and can say what it has. */
const cancelledAnswersTimeoutMs = 500;

/**
 * Reads requests until the input ends, the output breaks or `close` is called, then reports
 * `onclose` once. Lines that are no request are answered here and reading goes on.
 */
export class StdioTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** Called when the input has ended and requests are still being worked on: cancel them. */
  onlastcall?: () => void;
  /** Awaited before a message with a method is passed on, and with it all that come after it. */
  onbefore?: (method: string) => Promise<void>;

  readonly #input: ByteReader;
  readonly #output: LineWriter;
  readonly #closed = Promise.withResolvers<void>();
  /** Requests that wait, by id: a client may use one twice, and each is answered. */
  readonly #unanswered = new Map<RequestId, number>();
  #quiet: (() => void) | null = null;
  #isClosed = false;

  constructor(input: ByteReader, output: ByteWriter) {
    this.#input = input;
    this.#output = new LineWriter(output);
  }

  /** Resolves when the connection is over, whoever ended it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  start(): Promise<void> {
    void this.#output.failure.then(() => this.close());
    void this.#read();
    return Promise.resolve();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#output.send(message);
    } finally {
      if (!("method" in message) && message.id !== undefined) this.#answered(message.id);
    }
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    this.onclose?.();
    this.#closed.resolve();
    return Promise.resolve();
  }

  async #read(): Promise<void> {
    try {
      const lines = new LineReader(longestLineBytes);
      const buffer = new Uint8Array(chunkBytes);
      for (;;) {
        const size = await this.#input.read(buffer);
        if (size === null || this.#isClosed) break;
        for (const line of lines.push(buffer.subarray(0, size))) await this.#receive(line);
        await this.#output.drained();
      }
      const rest = lines.end();
      if (rest !== null) await this.#receive(rest);
      await this.#lastAnswers();
    } catch (error) {
      log("stdio").error("cannot read stdin: {error}", { error });
    }
    await this.close();
  }

  async #receive(line: Line): Promise<void> {
    if (this.#isClosed) return;
    const incoming = readLine(line);
    if (incoming.kind === "nothing") return;
    if (incoming.kind === "refusal") {
      const { code, message } = incoming.refusal.error;
      log("stdio").info("refused a line: {code} {message}", { code, message });
      this.#output.send(incoming.refusal).catch(() => {}); // `failure` tells of it
      return;
    }
    const { message } = incoming;
    if ("method" in message && "id" in message) this.#count(message.id, 1);
    if ("method" in message) await this.onbefore?.(message.method);
    if (this.#isClosed) return;
    this.onmessage?.(message);
    if (!("method" in message) || message.method !== "notifications/cancelled") return;
    const id = message.params?.requestId;
    if (typeof id === "string" || typeof id === "number") this.#answered(id); // none is due
  }

  #count(id: RequestId, change: 1 | -1): void {
    const waiting = (this.#unanswered.get(id) ?? 0) + change;
    if (waiting > 0) this.#unanswered.set(id, waiting);
    else this.#unanswered.delete(id);
  }

  #answered(id: RequestId): void {
    this.#count(id, -1);
    if (this.#unanswered.size === 0) this.#quiet?.();
  }

  /** Whoever asked and then ended the input still reads: nothing goes unanswered. */
  async #lastAnswers(): Promise<void> {
    if (this.#isClosed) return;
    await this.#answersWithin(lastAnswersTimeoutMs);
    if (this.#unanswered.size === 0 || this.#isClosed) return;
    this.onlastcall?.();
    await this.#answersWithin(cancelledAnswersTimeoutMs);
    for (const id of this.#unanswered.keys()) {
      this.#output.send(refuse(id, refusedCode, "The input ended before the answer was ready"))
        .catch(() => {}); // `failure` tells of it
    }
    await this.#patiently(cancelledAnswersTimeoutMs, this.#output.flushed());
  }

  async #answersWithin(ms: number): Promise<void> {
    const quiet = new Promise<void>((resolve) => {
      this.#quiet = resolve;
      if (this.#unanswered.size === 0) resolve();
    });
    await this.#patiently(ms, quiet.then(() => this.#output.flushed()));
  }

  async #patiently(ms: number, wait: Promise<void>): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, ms);
    await Promise.race([wait, patience.promise]);
    clearTimeout(timer);
  }
}

function refuse(id: RequestId, code: number, message: string): Refusal {
  return { jsonrpc: "2.0", id, error: { code, message } };
}
