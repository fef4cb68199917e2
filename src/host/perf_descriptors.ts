// The perf events that processes hold: what BPF_TASK_FD_QUERY can be asked about.
import { open_flags, openFile, readDirectory } from "../../ffi/file.ts";
import type { Slices } from "../slices.ts";
import type { Owner } from "./owners.ts";
import { processIds } from "./process_ids.ts";
import { processName } from "./process_name.ts";
import { ProcReader } from "./proc_reader.ts";

export interface PerfDescriptors {
  readonly descriptors: readonly Owner[];
  /** False when the host has more descriptors than could be looked at in time. */
  readonly complete: boolean;
}

const PERF_FILE = "anon_inode:[perf_event]";
/** Descriptors between two slices. */
const STRIDE = 64;

/**
 * Those of every process that we may look into, by rising pid. 4 us for each open file.
 *
 * @param deadline of `performance.now()`: after it the walk ends, and says that it did
 */
export function* readPerfDescriptors(deadline: number): Slices<PerfDescriptors> {
  const reader = new ProcReader();
  const descriptors: Owner[] = [];
  for (const pid of processIds()) {
    if (performance.now() > deadline) return { descriptors, complete: false };
    const fds = yield* perfEventsOf(pid, reader);
    yield;
    if (fds.length === 0) continue;
    const comm = processName(pid);
    descriptors.push(...fds.map((fd) => ({ pid, comm, fd })));
  }
  return { descriptors, complete: true };
}

function* perfEventsOf(pid: number, reader: ProcReader): Slices<number[]> {
  const path = `/proc/${pid}/fd`;
  const opened = openFile(path, open_flags.O_RDONLY);
  if (typeof opened === "number") return []; // gone, or not ours to look into
  using folder = opened;
  const names = readDirectory(path);
  if (typeof names === "number") return [];
  const found: number[] = [];
  for (const [index, name] of names.entries()) {
    if (index % STRIDE === STRIDE - 1) yield;
    if (/^\d+$/.test(name) && reader.link(folder, name) === PERF_FILE) found.push(Number(name));
  }
  return found.sort((a, b) => a - b);
}
