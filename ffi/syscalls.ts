// System calls that libc 2.28 does not wrap, and getsockname, which glibc declares with a union of
// pointers: asm/unistd_64.h, asm-generic/unistd.h (arm64).
import { libc, retain } from "./library.ts";
import { addressOf } from "./memory.ts";

/** Numbers by architecture and name; scripts/check_ffi.ts compares them with those headers. */
export const systemCallNumbers = {
  x86_64: {
    getsockname: 51n,
    getdents64: 217n,
    perf_event_open: 298n,
    bpf: 321n,
    openat2: 437n,
  },
  aarch64: {
    getsockname: 204n,
    getdents64: 61n,
    perf_event_open: 241n,
    bpf: 280n,
    openat2: 437n,
  },
} as const satisfies Record<typeof Deno.build.arch, Record<string, bigint>>;

export type SystemCall = keyof typeof systemCallNumbers["x86_64"];

/** A number, or a buffer whose address is passed. */
export type SystemCallArgument = number | bigint | Uint8Array<ArrayBuffer>;

/** Calls by number; missing arguments are 0. The result is -1 with errno set on failure. */
export function systemCall(name: SystemCall, ...args: SystemCallArgument[]): number {
  const word = (index: number) => {
    const value = args[index] ?? 0;
    return typeof value === "object" ? addressOf(value) : BigInt.asUintN(64, BigInt(value));
  };
  const number = systemCallNumbers[Deno.build.arch][name];
  retain(args); // an address alone keeps no buffer
  return Number(libc().syscall(number, word(0), word(1), word(2), word(3), word(4), word(5)));
}
