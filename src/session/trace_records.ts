// Lines of trace_pipe as records of a struct, so that they are filtered, decoded and summed up as
// the events of a ring are.
import { Btf } from "../btf/btf.ts";
import { structBtf } from "../btf/struct_btf.ts";
import type { TraceLine } from "../host/trace_line.ts";

/** Of the struct. */
export const traceLineType = "trace_line";

/** Longest text of a line; the kernel's are shorter. */
const mostTextBytes = 4096;
const nameBytes = 16;
const eventBytes = 32;
/** Before each record of a ring: its length, and a word that is not looked at. */
const ringHeaderBytes = 8;

const layout = {
  timestamp_ns: "u64",
  tid: "u32",
  cpu: "u32",
  comm: { textBytes: nameBytes },
  program: { textBytes: nameBytes },
  event: { textBytes: eventBytes },
  text: { textBytes: null },
} as const;

/** What one line is, one character per byte, and its program where the line tells. */
export interface PrintedLine {
  /** Null for what is no line of an event: its text alone is known. */
  readonly line: TraceLine | null;
  readonly text: string;
  readonly program: string;
}

export class TraceRecords {
  readonly btf: Btf;
  readonly #offsets: ReadonlyMap<string, number>;
  readonly #size: number;

  constructor() {
    const members = Object.entries(layout).map(([name, type]) => ({ name, type }));
    const { bytes, size, offsets } = structBtf(traceLineType, members);
    this.btf = Btf.parse(bytes);
    this.#offsets = offsets;
    this.#size = size;
  }

  /** Writes a record at `at`, a multiple of 8, into zeros; answers the place behind it. */
  write(to: Uint8Array, at: number, { line, text, program }: PrintedLine): number {
    const start = at + ringHeaderBytes;
    const view = new DataView(to.buffer, to.byteOffset);
    const place = (name: string) => start + (this.#offsets.get(name) ?? 0);
    view.setBigUint64(place("timestamp_ns"), line?.timestampNs ?? 0n, true);
    view.setUint32(place("tid"), line?.tid ?? 0, true);
    view.setUint32(place("cpu"), line?.cpu ?? 0, true);
    put(to, place("comm"), line?.comm ?? "", nameBytes - 1);
    put(to, place("program"), program, nameBytes - 1);
    put(to, place("event"), line?.event ?? "", eventBytes - 1);
    const length = this.#size + put(to, place("text"), text, mostTextBytes);
    view.setUint32(at, length, true);
    return start + padded(length);
  }

  /** Records from `at` up to `end`. */
  count(from: Uint8Array, at: number, end: number): number {
    const view = new DataView(from.buffer, from.byteOffset);
    let records = 0;
    for (let next = at; next < end; records++) {
      next += ringHeaderBytes + padded(view.getUint32(next, true));
    }
    return records;
  }
}

function padded(length: number): number {
  return (length + 7) & ~7;
}

/** Writes as much of the text as fits; answers its bytes. */
function put(to: Uint8Array, at: number, text: string, most: number): number {
  const length = Math.min(text.length, most);
  for (let index = 0; index < length; index++) to[at + index] = text.charCodeAt(index);
  return length;
}
