// The one list of checks, which system_info and `doctor` show.
import { visibleLine } from "../../view/text.ts";
import type { Check, Facts } from "./check.ts";
import { fentry, kprobes, mapTypes, programTypes, uprobes } from "./feature_checks.ts";
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
  programTypes,
  mapTypes,
  kprobes,
  uprobes,
  fentry,
];

/** A path may be 4 KB; one of a usual length is told whole. */
const longestText = 800;

/** Judges what was found; asks nothing itself. Texts that others chose are made safe. */
export function runChecks(facts: Facts): Check[] {
  return checks.map((check) => safe(check(facts)));
}

function safe({ name, status, found, costs, repair }: Check): Check {
  return {
    name,
    status,
    found: shortLine(found),
    costs: costs === null ? null : shortLine(costs),
    repair: repair !== null && shortLine(repair) === repair ? repair : null,
  };
}

function shortLine(text: string): string {
  const line = visibleLine(text);
  return line.length <= longestText ? line : `${line.slice(0, longestText - 1)}…`;
}
