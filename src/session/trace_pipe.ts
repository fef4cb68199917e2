// What programs print with bpf_printk: the kernel's one trace buffer, read as text.
import { errno } from "../../ffi/errno.ts";
import type { Fd } from "../../ffi/fd.ts";
import { open_flags, openFile } from "../../ffi/file.ts";
import { libc } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { EBPFError, kernelError } from "../errors.ts";
import { Tracefs } from "../host/tracefs.ts";
import { parseTraceLine, programPrefix } from "../host/trace_line.ts";
import { type Drain, type RingViews, ringViews } from "../kernel/drain.ts";
import { walkObjects } from "../kernel/ids.ts";
import { programInfo } from "../kernel/program_info.ts";
import type { StreamDrainState } from "./stream_drain_state.ts";
import type { StreamReader, TextSource } from "./stream_source.ts";
import { TraceRecords } from "./trace_records.ts";

const EAGAIN = 11;
const EINTR = 4;
/** Of one read, about what the kernel gives at once. */
const readBytes = 8192;
/** Records that wait to be walked over: more than the shortest lines of a read become. */
const recordBytes = 1 << 20;
/** Of text, to take at the end: the buffers of some CPUs. Each has 1.4 MB by default. */
const endBytes = 8 << 20;
/** Reads in one look; the event loop goes on between two. */
const readsPerLook = 16;
/** A line that never ends is cut here. */
const longestLine = 1 << 14;
/** Between two looks at which programs there are. */
const programsMs = 1_000;
const newline = 0x0a;
/** Bytes of a line of the kernel at least: a name, a thread, a CPU, flags and a time begin it. */
const shortestLine = 48;

/** The lines that wait and those to come, each given to one reader alone. */
export function tracePipe(tracefs: Tracefs = new Tracefs()): TextSource {
  const records = new TraceRecords();
  const losses = { lines: 0 };
  return {
    kind: "text",
    name: "trace_pipe",
    btf: records.btf,
    owner: "foreign",
    droppedCount: () => BigInt(losses.lines),
    missedRuns: () => null,
    open: () => new TracePipeReader(openTracePipe(tracefs), records, losses),
  };
}

function openTracePipe(tracefs: Tracefs): Fd {
  const folder = tracefs.folder();
  if (folder === null) {
    throw new EBPFError(
      "kernel",
      "feature_missing",
      "Cannot read trace_pipe: no tracefs is mounted",
      {
        hint: "mount -t tracefs tracefs /sys/kernel/tracing",
      },
    );
  }
  const fd = openFile(`${folder}/trace_pipe`, open_flags.O_RDONLY | open_flags.O_NONBLOCK);
  if (typeof fd !== "number") return fd;
  throw kernelError("file_read_failed", `Cannot open "${folder}/trace_pipe"`, fd, {
    hint: "It wants root, or read access that the owner of tracefs gives",
  });
}

class TracePipeReader implements StreamReader {
  readonly fds: readonly number[];
  readonly #fd: Fd;
  readonly #records: TraceRecords;
  readonly #losses: { lines: number };
  readonly #programs = new ProgramNames();
  readonly #buffer = fixedBytes(readBytes);
  readonly #views: RingViews;
  /** What was read of a line that has not ended. */
  #partial = "";
  #head = 0;
  #tail = 0;

  constructor(fd: Fd, records: TraceRecords, losses: { lines: number }) {
    this.#fd = fd;
    this.fds = [fd.number];
    this.#records = records;
    this.#losses = losses;
    this.#views = ringViews(new ArrayBuffer(2 * recordBytes), 0, recordBytes);
  }

  /** Nobody knows how much waits. */
  get available(): number {
    return endBytes;
  }

  consume(drain: Drain<StreamDrainState>, state: StreamDrainState): number {
    let freed = this.#walk(drain, state);
    for (let reads = 0; reads < readsPerLook && state.room > 0; reads++) {
      const read = this.#read(state.room);
      if (read === 0) break;
      freed += read + this.#walk(drain, state);
    }
    return freed;
  }

  /**
   * Bytes that were read; 0 when nothing waits. Asks for no more than `lines` take: what is read is
   * gone for everybody, and the kernel prints no line for whom there is no room.
   */
  #read(lines: number): number {
    const most = Math.min(readBytes, lines * shortestLine);
    const count = Number(libc().read(this.#fd.number, this.#buffer, BigInt(most)));
    if (count < 0) {
      const code = errno();
      if (code === EAGAIN || code === EINTR) return 0;
      throw kernelError("file_read_failed", "Cannot read trace_pipe", code);
    }
    let from = 0;
    for (let end = this.#endOfLine(0, count); end >= 0; end = this.#endOfLine(from, count)) {
      this.#take(this.#partial + this.#text(from, end));
      this.#partial = "";
      from = end + 1;
    }
    this.#partial = (this.#partial + this.#text(from, count)).slice(0, longestLine);
    return count;
  }

  #endOfLine(from: number, count: number): number {
    const end = this.#buffer.indexOf(newline, from);
    return end < count ? end : -1;
  }

  /** One character per byte. */
  #text(from: number, to: number): string {
    let text = "";
    for (let at = from; at < to; at++) text += String.fromCharCode(this.#buffer[at]);
    return text;
  }

  #take(text: string): void {
    const found = parseTraceLine(text);
    if (found?.kind === "lost") {
      this.#losses.lines += found.count;
      return;
    }
    if (found === null && text === "") return;
    const said = found?.text ?? text;
    const printed = { line: found, text: said, program: this.#programs.ofText(said) };
    this.#tail = this.#records.write(this.#views.u8, this.#tail, printed);
  }

  /** Gives what was read to `drain`; what it has no room for stays. */
  #walk(drain: Drain<StreamDrainState>, state: StreamDrainState): number {
    let freed = 0;
    while (this.#head < this.#tail && state.room > 0) {
      const walked = drain(this.#views, this.#head, this.#tail - this.#head, state);
      if (walked === 0) break;
      this.#head += walked;
      freed += walked;
    }
    if (this.#head < this.#tail) return freed;
    this.#views.u8.fill(0, 0, this.#tail);
    this.#head = this.#tail = 0;
    return freed;
  }

  /** Lines that were read for a stream which had no room for them are lost: no other gets them. */
  [Symbol.dispose](): void {
    this.#losses.lines += this.#records.count(this.#views.u8, this.#head, this.#tail);
    if (this.#partial !== "") this.#losses.lines++;
    this.#partial = "";
    this.#head = this.#tail;
    this.#fd[Symbol.dispose]();
  }
}

/** Which programs there are, to tell a program's name from any other word before a colon. */
class ProgramNames {
  #names: ReadonlySet<string> = new Set();
  #lookedAt = -Infinity;

  /** The program that a text begins with; empty when it names none. */
  ofText(text: string): string {
    const word = programPrefix(text);
    if (word === null) return "";
    const name = word.slice(0, 15);
    if (!this.#names.has(name) && performance.now() - this.#lookedAt > programsMs) this.#look();
    return this.#names.has(name) ? name : "";
  }

  #look(): void {
    this.#lookedAt = performance.now();
    try {
      const names = new Set<string>();
      for (const { fd } of walkObjects("program")) names.add(programInfo(fd.number).name);
      this.#names = names;
    } catch (error) {
      if (!(error instanceof EBPFError)) throw error; // without CAP_SYS_ADMIN no line tells
    }
  }
}
