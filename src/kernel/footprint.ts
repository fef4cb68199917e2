// What only fdinfo tells of a program or map: its memory, and whether a map is frozen.
import { readText } from "../../ffi/file.ts";
import { EBPFError } from "../errors.ts";
import { openById } from "./ids.ts";

export interface Footprint {
  /** Memory that the kernel accounts for the object, in bytes; null when it is gone meanwhile. */
  readonly memoryBytes: number | null;
  /** Nobody may write to the map from user space any more; null for programs. */
  readonly frozen: boolean | null;
}

const unknown: Footprint = { memoryBytes: null, frozen: null };

/** The footprint of an object by its id, read when it is first asked: that takes 15 us. */
export class LateFootprint implements Footprint {
  readonly #kind: "program" | "map";
  readonly #id: number;
  #found: Footprint | null = null;

  constructor(kind: "program" | "map", id: number) {
    this.#kind = kind;
    this.#id = id;
  }

  get memoryBytes(): number | null {
    return this.#read().memoryBytes;
  }

  get frozen(): boolean | null {
    return this.#read().frozen;
  }

  #read(): Footprint {
    return this.#found ??= footprintOf(this.#kind, this.#id);
  }
}

function footprintOf(kind: "program" | "map", id: number): Footprint {
  try {
    using fd = openById(kind, id);
    return footprint(fd.number);
  } catch (error) {
    if (error instanceof EBPFError) return unknown; // it went after it was listed
    throw error;
  }
}

/** @since Linux 4.10 for memory, 5.2 for frozen @see proc(5) /proc/PID/fdinfo */
function footprint(fd: number): Footprint {
  const text = readText(`/proc/self/fdinfo/${fd}`) ?? "";
  const memory = /^memlock:\s*(\d+)$/m.exec(text)?.[1];
  const frozen = /^frozen:\s*(\d)$/m.exec(text)?.[1];
  return {
    memoryBytes: memory === undefined ? null : Number(memory),
    frozen: frozen === undefined ? null : frozen === "1",
  };
}
