// Kernel lockdown: what even root may not do to the running kernel.
import { readText } from "../../ffi/file.ts";
import type { Mount } from "./mounts.ts";

export interface Lockdown {
  /** `none`, `integrity` or `confidentiality`; null when nobody tells. */
  readonly mode: string | null;
  /** Why the mode is null. */
  readonly reason: string | null;
}

/** Asks securityfs, where one is mounted. @since Linux 5.4 with CONFIG_SECURITY_LOCKDOWN_LSM */
export function readLockdown(mounts: readonly Mount[]): Lockdown {
  const securityfs = mounts.find(({ type }) => type === "securityfs");
  if (securityfs === undefined) {
    return { mode: null, reason: "securityfs is not mounted (mount -t securityfs)" };
  }
  const text = readText(`${securityfs.path}/lockdown`);
  const mode = text === null ? null : parseLockdown(text);
  return { mode, reason: mode === null ? "the kernel has no lockdown module" : null };
}

/** The choice in brackets: `none [integrity] confidentiality`. */
export function parseLockdown(text: string): string | null {
  return /\[(\w+)\]/.exec(text)?.[1] ?? null;
}
