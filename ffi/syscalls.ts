// System calls that libc 2.28 does not wrap, and getsockname, which glibc declares with a union of
// pointers: asm/unistd_64.h, asm-generic/unistd.h (arm64).
import { libc } from "./library.ts";

/** Numbers by architecture and name; scripts/check_ffi.ts compares them with those headers. */
export const systemCallNumbers = {
  x86_64: { getsockname: 51n, getdents64: 217n, perf_event_open: 298n, openat2: 437n },
  aarch64: { getsockname: 204n, getdents64: 61n, perf_event_open: 241n, openat2: 437n },
} as const satisfies Record<typeof Deno.build.arch, Record<string, bigint>>;

export type SystemCall = keyof typeof systemCallNumbers["x86_64"];

/** Calls by number; missing arguments are 0. The result is -1 with errno set on failure. */
export function systemCall(name: SystemCall, ...args: (number | bigint)[]): number {
  const word = (index: number) => BigInt.asUintN(64, BigInt(args[index] ?? 0));
  const number = systemCallNumbers[Deno.build.arch][name];
  return Number(libc().syscall(number, word(0), word(1), word(2), word(3), word(4), word(5)));
}
