// Lines of tracefs' trace_pipe (Documentation/trace/ftrace.rst), as the kernel prints them.

export interface TraceLine {
  readonly kind: "line";
  /** By the trace clock, `local` unless somebody changed it. */
  readonly timestampNs: bigint;
  /** Of the thread. */
  readonly tid: number;
  readonly cpu: number;
  readonly comm: string;
  /** The trace event that printed it: `bpf_trace_printk`. */
  readonly event: string;
  readonly text: string;
}

/** Lines that were overwritten before anybody read them. */
export interface LostLines {
  readonly kind: "lost";
  readonly count: number;
}

/** The comm takes this many columns, filled up with blanks on its left. */
const commColumns = 16;
/** -TID, (TGID) when the option record-tgid is set, [CPU], flags, seconds or ticks, event, text. */
const rest = new RegExp(
  /^-(\d{1,10})\s+(?:\([\s\d-]+\)\s+)?\[(\d{1,5})\]\s+(?:\S{3,8}\s+)?/.source +
    /(\d{1,20})(?:\.(\d{6}))?: (?:([\w.]+): ?)?/.source,
);
const lost = /^CPU:\d+ \[LOST (?:(\d+) )?EVENTS\]$/;

/** Null for what is neither: what follows a newline in a text, or in a name. */
export function parseTraceLine(line: string): TraceLine | LostLines | null {
  const [, count] = lost.exec(line) ?? [];
  if (lost.test(line)) return { kind: "lost", count: Number(count ?? 1) };
  const found = rest.exec(line.slice(commColumns));
  if (found === null) return null;
  const [head, tid, cpu, seconds, micros, event = ""] = found;
  const nanos = micros === undefined
    ? BigInt(seconds)
    : BigInt(seconds) * 1_000_000_000n + BigInt(micros) * 1000n;
  return {
    kind: "line",
    timestampNs: BigInt.asUintN(64, nanos),
    tid: Number(tid),
    cpu: Number(cpu),
    comm: line.slice(0, commColumns).trimStart(),
    event,
    text: line.slice(commColumns + head.length),
  };
}

/** The word before a colon at the text's beginning: by custom the program's name. */
export function programPrefix(text: string): string | null {
  return /^\[?([A-Za-z_]\w{0,63})\]?:/.exec(text)?.[1] ?? null;
}
