// Numbers of the kernel to their names, and names of system calls to their numbers.
import { capabilityNames } from "./capabilities.gen.ts";
import { signalNames } from "./signals.gen.ts";
import { aarch64SystemCalls, i386SystemCalls, x86_64SystemCalls } from "./system_calls.gen.ts";

/** Whose numbers system calls have: on x86_64 a 32-bit program's are those of i386. */
export const systemCallTables = ["x86_64", "i386", "aarch64"] as const;
export type SystemCallTable = typeof systemCallTables[number];

const systemCalls: Readonly<Record<SystemCallTable, readonly string[]>> = {
  x86_64: x86_64SystemCalls,
  i386: i386SystemCalls,
  aarch64: aarch64SystemCalls,
};

/** The real-time signals as glibc counts them, which keeps the first two for itself. */
const FIRST_REAL_TIME = 34;
const LAST_REAL_TIME = 64;

/** `SIGKILL`, `SIGRTMIN+1`; null for a number that is no signal. */
export function signalName(signal: number): string | null {
  if (!Number.isInteger(signal) || signal < 1 || signal > LAST_REAL_TIME) return null;
  if (signal < FIRST_REAL_TIME) return signalNames[signal] || `SIG${signal}`;
  const above = signal - FIRST_REAL_TIME;
  return above === 0 ? "SIGRTMIN" : `SIGRTMIN+${above}`;
}

/** `CAP_SYS_ADMIN`; null for a bit that is newer than the table. */
export function capabilityName(bit: number): string | null {
  return capabilityNames[bit] || null;
}

/** `openat`; null for a number that the table does not have. */
export function systemCallName(number: number, table: SystemCallTable): string | null {
  return systemCalls[table][number] || null;
}

/** The number of a system call; null when the table has none of this name. */
export function systemCallNumber(name: string, table: SystemCallTable): number | null {
  const number = name === "" ? -1 : systemCalls[table].indexOf(name);
  return number < 0 ? null : number;
}

/** Every name of a table, by number, without those that it leaves out. */
export function systemCallNames(table: SystemCallTable): readonly string[] {
  return systemCalls[table].filter((name) => name !== "");
}
