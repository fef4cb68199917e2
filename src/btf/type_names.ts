// Names of types by parts of them: one long text that is searched at memory speed.
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";

/** No name holds one: names are made safe to show before. */
const SEPARATOR = "\n";
const SEPARATOR_BYTE = 0x0a;
/** Room for the longest name and the separator behind it. */
const NAME_ROOM = 8192;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The named types of one BTF without its base's, in the order of their ids. */
export class TypeNames {
  readonly #text: string;
  /** Where the i-th name begins in the text; one more for the text's end. */
  readonly #starts: Uint32Array;
  readonly #ids: Uint32Array;

  /** Reads every name once: some 10 ms for a kernel. */
  constructor(btf: Btf) {
    const starts = new Uint32Array(btf.typeCount - btf.firstId + 1);
    const ids = new Uint32Array(starts.length);
    const writer = new NameWriter();
    let count = 0;
    for (let id = btf.firstId; id < btf.typeCount; id++) {
      const start = writer.length;
      if (!writer.add(btf, id)) continue;
      starts[count] = start;
      ids[count++] = id;
    }
    starts[count] = writer.length;
    this.#text = writer.text();
    this.#starts = starts.subarray(0, count + 1);
    this.#ids = ids.subarray(0, count);
  }

  /** Types whose name passes the test; only names that have `part` in them are tested. */
  matching(test: (name: string) => boolean, part = ""): TypeId[] {
    const found: TypeId[] = [];
    for (let position = this.#next(0, part); position < this.#ids.length;) {
      if (test(this.#name(position))) found.push(this.#ids[position]);
      position = this.#next(position + 1, part);
    }
    return found;
  }

  /** Every name, equal ones as often as they occur. */
  *all(): Generator<string> {
    for (let position = 0; position < this.#ids.length; position++) yield this.#name(position);
  }

  /** The next name from `position` on that has `part` in it. */
  #next(position: number, part: string): number {
    if (part === "" || position >= this.#ids.length) return position;
    const at = this.#text.indexOf(part, this.#starts[position]);
    return at === -1 ? this.#ids.length : this.#positionOf(at);
  }

  #name(position: number): string {
    return this.#text.slice(
      this.#starts[position],
      this.#starts[position + 1] - SEPARATOR.length,
    );
  }

  #positionOf(at: number): number {
    let low = 0;
    let high = this.#ids.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= at) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Collects names as bytes while they are ASCII, which nearly all are; positions are characters. */
class NameWriter {
  #bytes = new Uint8Array(1 << 16);
  #used = 0;
  #written = "";

  get length(): number {
    return this.#written.length + this.#used;
  }

  /** False for a type without a name. */
  add(btf: Btf, id: TypeId): boolean {
    if (this.#bytes.length - this.#used < NAME_ROOM) this.#grow();
    const end = btf.copyPlainName(id, this.#bytes, this.#used);
    if (end > this.#used) this.#used = end;
    else if (!this.#addOdd(btf.name(id))) return false;
    this.#bytes[this.#used++] = SEPARATOR_BYTE;
    return true;
  }

  text(): string {
    this.#flush();
    return this.#written;
  }

  #addOdd(name: string): boolean {
    if (name === "") return false;
    const bytes = encoder.encode(name);
    if (bytes.length === name.length) {
      this.#bytes.set(bytes, this.#used);
      this.#used += bytes.length;
    } else {
      this.#flush();
      this.#written += name;
    }
    return true;
  }

  #flush(): void {
    this.#written += decoder.decode(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}
