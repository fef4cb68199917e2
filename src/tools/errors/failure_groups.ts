// Failures of the processes of one name in one control group, added up.
import type { FailedCalls, FailureSample } from "../../gadgets/failed_calls.ts";

/** Calls that failed the same way, of processes that do the same. */
export interface FailureGroup {
  readonly syscall: string;
  readonly isCompat: boolean;
  readonly errno: number;
  readonly comm: string;
  readonly cgroupId: bigint;
  readonly count: number;
  /** How many processes they are. */
  readonly processes: number;
  /** The process with the most of them, and its user. */
  readonly pid: number;
  readonly uid: number;
  readonly sample: FailureSample;
}

/** Most failures first; where they are as many, as they were given. */
export function groupFailures(rows: readonly FailedCalls[]): FailureGroup[] {
  const groups = Map.groupBy(rows, (row) => {
    const { syscall, isCompat, errno, cgroupId, comm } = row;
    return `${syscall} ${isCompat} ${errno} ${cgroupId} ${comm}`;
  });
  return Array.from(groups.values(), group).sort((a, b) => b.count - a.count);
}

function group(rows: readonly FailedCalls[]): FailureGroup {
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  const first = rows.reduce((most, row) => row.count > most.count ? row : most);
  const { syscall, isCompat, errno, comm, cgroupId, pid, uid, sample } = first;
  const processes = new Set(rows.map((row) => row.pid)).size;
  return { syscall, isCompat, errno, comm, cgroupId, count, processes, pid, uid, sample };
}
