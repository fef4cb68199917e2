// A string table: NUL-terminated names by offset. Tables may share tails, so a small hostile file
// can ask for the same long name again and again: one name and all names together have a limit.
import { invalidElf } from "./invalid_elf.ts";

const MAX_NAME_BYTES = 4096;
const decoder = new TextDecoder();

export class NameTable {
  readonly #bytes: Uint8Array;
  readonly #subject: string;
  /** How many bytes of names may still be read. */
  #budget: number;

  /** @param budget how many bytes of names may be read in all */
  constructor(bytes: Uint8Array, subject: string, budget: number) {
    this.#bytes = bytes;
    this.#subject = subject;
    this.#budget = budget;
  }

  /**
   * The name at `offset`; bytes that are no UTF-8 become U+FFFD.
   * @throws {EBPFError} validation/invalid_elf, reason corrupt
   */
  read(offset: number): string {
    const size = this.#bytes.length;
    if (offset === 0 && size === 0) return "";
    if (offset >= size) throw this.#corrupt(`a name starts at ${offset}`, `it below ${size}`);
    const rest = this.#bytes.subarray(offset, offset + MAX_NAME_BYTES + 1);
    const length = rest.indexOf(0);
    if (length < 0) {
      const wanted = `its end within ${Math.min(rest.length, MAX_NAME_BYTES)} bytes`;
      throw this.#corrupt(`the name at ${offset} has no end`, wanted);
    }
    this.#budget -= length;
    if (this.#budget < 0) throw this.#corrupt("names repeat without end", "names of sane length");
    return decoder.decode(rest.subarray(0, length));
  }

  #corrupt(current: string, wanted: string): Error {
    return invalidElf({ subject: this.#subject, reason: "corrupt", current, wanted });
  }
}
