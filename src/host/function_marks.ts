// Which of the kernel's functions stand on a list of their names.
import type { KernelFunctions } from "../elf/kallsyms.ts";
import { readWholeLines } from "./whole_lines.ts";

const NEWLINE = 0x0a;
const LAST_BLANK = 0x20;

/** Where a line's name begins: it follows this many words. */
export type WordsBefore = 0 | 1;

export class FunctionMarks {
  readonly #functions: KernelFunctions;
  readonly #marked: Uint8Array;
  /** Lines of the list, whether or not a function has the name. */
  lines = 0;

  constructor(functions: KernelFunctions) {
    this.#functions = functions;
    this.#marked = new Uint8Array(functions.count);
  }

  /** Whether a function of this name is on the list. */
  has(index: number): boolean {
    return this.#marked[this.#functions.names.first(index)] === 1;
  }

  /** Marks the names in lines: `name`, `name [module]`, or with a range of addresses before it. */
  mark(lines: Uint8Array, wordsBefore: WordsBefore): void {
    const { names } = this.#functions;
    let at = 0;
    while (at < lines.length) {
      if (wordsBefore === 1) at = wordEnd(lines, at) + 1;
      const end = wordEnd(lines, at);
      if (end > at) {
        this.lines++;
        const index = names.findBytes(lines, at, end);
        if (index >= 0) this.#marked[index] = 1;
      }
      at = end;
      while (at < lines.length && lines[at] !== NEWLINE) at++;
      at++;
    }
  }
}

/** The functions on a list of the kernel's, or a positive errno. */
export async function readMarks(
  path: string,
  functions: KernelFunctions,
  wordsBefore: WordsBefore,
): Promise<FunctionMarks | number> {
  const marks = new FunctionMarks(functions);
  const errno = await readWholeLines(path, (lines) => marks.mark(lines, wordsBefore));
  return errno === 0 ? marks : errno;
}

function wordEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] > LAST_BLANK) at++;
  return at;
}
