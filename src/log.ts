// What the operator reads on stderr. The one file that knows the logging library.
import { configureSync, getLogger, type Logger, type LogRecord } from "@logtape/logtape";
import type { LogLevel } from "./config.ts";
import { visibleLine } from "./view/text.ts";

export type { Logger };

/** Where lines go; `Deno.stderr` outside tests. */
export interface LineWriter {
  write(bytes: Uint8Array): Promise<number>;
}

/** Lines that wait while nobody reads stderr; beyond it they are dropped, never blocked on. */
const mostPending = 256;
const flushTimeoutMs = 200;

/** Sends every record of the level and above to the writer; returns how to wait for the last. */
export function startLog(level: LogLevel, writer: LineWriter): { flush(): Promise<void> } {
  const lines = new Lines(writer);
  configureSync({
    reset: true,
    sinks: { stderr: (record) => lines.push(format(record)) },
    loggers: [
      {
        category: "ebpf-mcp",
        sinks: level === "off" ? [] : ["stderr"],
        lowestLevel: level === "off" ? "fatal" : level,
      },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
    ],
  });
  return { flush: () => lines.flush() };
}

/** The logger of one part of the program, `log("server")`. */
export function log(part: string): Logger {
  return getLogger(["ebpf-mcp", part]);
}

function format(record: LogRecord): string {
  const message = record.message.map((part) => typeof part === "string" ? part : String(part));
  const part = record.category.slice(1).join("/");
  const time = new Date(record.timestamp).toISOString();
  return visibleLine(`${time} ${record.level} ${part}: ${message.join("")}`);
}

/** Lines to a writer that may be slow, gone, or read by nobody. */
class Lines {
  readonly #writer: LineWriter;
  readonly #encoder = new TextEncoder();
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;
  #dropped = 0;

  constructor(writer: LineWriter) {
    this.#writer = writer;
  }

  push(line: string): void {
    if (this.#pending >= mostPending) {
      this.#dropped++;
      return;
    }
    const lost = this.#dropped === 0 ? "" : `(${this.#dropped} lines dropped)\n`;
    this.#dropped = 0;
    this.#pending++;
    this.#tail = this.#tail.then(() => this.#write(`${lost}${line}\n`));
  }

  async #write(text: string): Promise<void> {
    try {
      let rest = this.#encoder.encode(text);
      while (rest.length > 0) rest = rest.subarray(await this.#writer.write(rest));
    } catch {
      // stderr is closed: there is nobody left to tell
    } finally {
      this.#pending--;
    }
  }

  async flush(): Promise<void> {
    let timer: number | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, flushTimeoutMs);
    });
    await Promise.race([this.#tail, patience]);
    clearTimeout(timer);
  }
}
