// What /proc/self/status tells of this process: who it is and what it may do.
import { capabilityNames, knownCapabilities } from "./capabilities.ts";

export interface ProcessStatus {
  readonly pid: number;
  readonly uid: number;
  readonly effectiveUid: number;
  readonly capabilities: {
    readonly effective: readonly string[];
    readonly permitted: readonly string[];
    readonly bounding: readonly string[];
    /** Every capability that this program knows by name. */
    readonly known: readonly string[];
  };
  readonly noNewPrivs: boolean;
  readonly seccomp: "disabled" | "strict" | "filter";
}

const seccompModes = ["disabled", "strict", "filter"] as const;

/** Reads a status file; what an old kernel does not tell is absent (none, false, disabled). */
export function parseStatus(text: string): ProcessStatus {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "";
  const ids = field("Uid").split(/\s+/).map(Number);
  return {
    pid: Number(field("Pid")),
    uid: ids[0] ?? 0,
    effectiveUid: ids[1] ?? 0,
    capabilities: {
      effective: capabilityNames(field("CapEff")),
      permitted: capabilityNames(field("CapPrm")),
      bounding: capabilityNames(field("CapBnd")),
      known: knownCapabilities,
    },
    noNewPrivs: field("NoNewPrivs") === "1",
    seccomp: seccompModes[Number(field("Seccomp"))] ?? "disabled",
  };
}
