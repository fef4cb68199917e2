// A list that the kernel does not give us: what it is, why, and what would change that.
import type { EBPFError } from "../../errors.ts";
import type { Missing } from "../missing.ts";

/** Lists that the kernel keeps, under the names of inspect_state's fields. */
export const kernelLists = ["programs", "maps", "links", "btf"] as const;
export type KernelList = typeof kernelLists[number];

/** The first Linux version that lists them. */
const since: Readonly<Record<KernelList, string>> = {
  programs: "4.13",
  maps: "4.13",
  links: "5.8",
  btf: "5.4",
};

const admin = "run as root, or give the executable CAP_SYS_ADMIN in the initial user namespace";

export function refusedList(what: KernelList, error: EBPFError): Missing {
  const remedy = error.category === "permission"
    ? admin
    : `this kernel lists no ${what}: Linux ${since[what]} and newer do`;
  return { what, why: error.message, remedy };
}

export function hiddenOwners(processes: number): Missing {
  return {
    what: "owners",
    why: `what ${processes} processes hold is not seen: they may not be looked into`,
    remedy: "run as root, or with CAP_SYS_PTRACE in the initial user namespace: some hide even so",
  };
}

export function refusedPins(files: number): Missing {
  return {
    what: "pins",
    why: `${files} files and folders of BPF file systems may not be opened`,
    remedy: "run as root, or as the user who owns them",
  };
}
