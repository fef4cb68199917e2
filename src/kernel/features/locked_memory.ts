// Before 5.11 maps and programs counted as locked memory, and a limit that was reached was EPERM.
import { readText } from "../../../ffi/file.ts";
import { rlimit } from "../../../ffi/layouts/libc.ts";
import { libc } from "../../../ffi/library.ts";
import { Struct } from "../../../ffi/struct.ts";

const RLIMIT_MEMLOCK = 8;
/** RLIM_INFINITY. */
const unlimited = 0xffff_ffff_ffff_ffffn;

/**
 * Raises the limit as libbpf does at its first load, where the kernel still has it.
 * @returns `raised` when what was refused may be tried again
 */
export function raiseLockedMemory(): "raised" | "as before" {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(readText("/proc/sys/kernel/osrelease") ?? "") ?? [];
  if (major === undefined || Number(major) * 1000 + Number(minor) >= 5011) return "as before";
  const limit = new Struct(rlimit).set("rlim_cur", unlimited).set("rlim_max", unlimited);
  return libc().setrlimit(RLIMIT_MEMLOCK, limit.bytes) === 0 ? "raised" : "as before";
}
