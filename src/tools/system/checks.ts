// The one list of checks, which system_info and `doctor` show.
import type { Check, Facts } from "./check.ts";
import { btf, jit, kernelConfig, kernelSymbols, kernelVersion, lockdown } from "./kernel_checks.ts";
import { bpffs, controlGroups, debugfs, tracefs } from "./mount_checks.ts";
import {
  capabilities,
  fileCapabilities,
  perfEvents,
  unprivilegedBpf,
} from "./permission_checks.ts";
import {
  container,
  libbpf,
  lockedMemory,
  namespaces,
  openFiles,
  seccomp,
} from "./process_checks.ts";

/** In the order in which they are told. */
const checks: readonly ((facts: Facts) => Check)[] = [
  kernelVersion,
  btf,
  kernelConfig,
  lockdown,
  capabilities,
  fileCapabilities,
  unprivilegedBpf,
  jit,
  perfEvents,
  kernelSymbols,
  tracefs,
  debugfs,
  bpffs,
  controlGroups,
  lockedMemory,
  openFiles,
  namespaces,
  container,
  seccomp,
  libbpf,
];

/** Judges what was found; asks nothing itself. */
export function runChecks(facts: Facts): Check[] {
  return checks.map((check) => check(facts));
}
