// Results to stdout, everything else to stderr.
import { toJson } from "../view/json.ts";
import { progressLine, terminalSafeJson, visible } from "../view/text.ts";
import { renderAnswer } from "../view/value.ts";
import { type Terminal, UnwrittenError } from "./command.ts";

interface Output {
  write(bytes: Uint8Array): Promise<number>;
}

/** @throws UnwrittenError when the disk is full, the pipe broken, the descriptor closed */
async function writeAll(output: Output, text: string): Promise<void> {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(await output.write(rest));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnwrittenError(`Cannot write what there is to tell: ${reason}`, { cause: error });
  }
}

/** Text for a person, on stdout. */
export async function printText(terminal: Terminal, text: string): Promise<void> {
  await writeAll(terminal.stdout, `${visible(text)}\n`);
}

/** JSON for a program: one line when piped, indented on a terminal. */
export async function printJson(terminal: Terminal, value: unknown): Promise<void> {
  const indent = terminal.stdout.isTerminal() ? 2 : undefined;
  await writeAll(terminal.stdout, `${terminalSafeJson(toJson(value, indent))}\n`);
}

/** A tool's answer: drawn on a terminal, JSON when piped or asked for. */
export async function printAnswer(
  terminal: Terminal,
  answer: Record<string, unknown>,
  format: "auto" | "json",
): Promise<void> {
  if (format === "auto" && terminal.stdout.isTerminal()) {
    await printText(terminal, renderAnswer(answer, terminal.columns()));
  } else {
    await printJson(terminal, answer);
  }
}

/** An empty screen, where stdout is one. */
export async function clearScreen(terminal: Terminal): Promise<void> {
  if (terminal.stdout.isTerminal()) await writeAll(terminal.stdout, "\u001b[H\u001b[2J");
}

/** A line that is no result. */
export async function complain(terminal: Terminal, text: string): Promise<void> {
  await writeAll(terminal.stderr, `${visible(text)}\n`);
}

const clearLine = "\r\u001b[K";

/** Draws progress over itself on stderr when that is a terminal; else nothing. */
export class ProgressDisplay implements AsyncDisposable {
  readonly #terminal: Terminal;
  #isDrawn = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async show(message: string, done?: number, total?: number): Promise<void> {
    if (!this.#terminal.stderr.isTerminal()) return;
    this.#isDrawn = true;
    await writeAll(this.#terminal.stderr, clearLine + progressLine(message, done, total));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    await writeAll(this.#terminal.stderr, clearLine);
  }
}
