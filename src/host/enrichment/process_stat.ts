// What /proc/PID/stat and /proc/PID/status tell of a process.

export interface ProcessStat {
  /** As the process chose it. */
  readonly comm: string;
  readonly ppid: number;
  /** After the boot, in ticks of 10 ms; with the pid it names a process for good. */
  readonly startTicks: bigint;
}

/** How user space counts ticks on every architecture that Linux runs on (USER_HZ is 100). */
export const TICK_MS = 10;

/** Behind the name, which may hold anything: the fields from the third, `state`, on. */
const PPID_AT = 1;
const START_AT = 19;

/** Null for what is no such file. */
export function parseStat(text: string): ProcessStat | null {
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 1).trim().split(" ");
  const [ppid = "", start = ""] = [fields[PPID_AT], fields[START_AT]];
  if (!/^\d+$/.test(ppid) || !/^\d+$/.test(start)) return null;
  const comm = text.slice(text.indexOf("(") + 1, end);
  return { comm, ppid: Number(ppid), startTicks: BigInt(start) };
}

/** The real user id; null when the file does not tell it. */
export function parseUid(status: string): number | null {
  const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
  return uid === undefined ? null : Number(uid);
}

/** Arguments as /proc/PID/cmdline has them, each ended by NUL; the last may be cut. */
export function parseArguments(bytes: Uint8Array): string[] {
  if (bytes.length === 0) return [];
  const text = new TextDecoder().decode(bytes);
  return (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
}
