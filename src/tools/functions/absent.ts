// What this host does not tell of its functions, and the remedy.
import type { FunctionSymbols, KprobeSupport } from "../../host/kernel_symbols.ts";
import type { Missing } from "../missing.ts";

const EPERM = 1;
const ENOENT = 2;
const EACCES = 13;
const ENODATA = 61;

/** Without kallsyms: the functions come from the kernel's types. */
export function noKallsyms(errno: number): Missing {
  return {
    what: "functions without BTF, addresses, and which names occur twice: the list is from BTF",
    why: `/proc/kallsyms ${reading(errno)}`,
    remedy: errno === ENOENT ? "mount -t proc proc /proc" : "run ebpf-mcp as root",
  };
}

/** Lists of the kernel's that could not be read. */
export function absentLists(symbols: FunctionSymbols, kprobes: KprobeSupport): Missing[] {
  const absent: Missing[] = [];
  const { patchable, blacklist } = symbols;
  if (typeof patchable === "number") {
    absent.push({
      what: "which functions cannot be patched (notrace): some that seem traceable are not",
      why: `available_filter_functions ${reading(patchable)}`,
      remedy: patchable === ENOENT
        ? "mount -t tracefs nodev /sys/kernel/tracing"
        : "run ebpf-mcp as root, on a kernel that is not locked down",
    });
  }
  if (typeof blacklist === "number" && (kprobes === "yes" || kprobes === "unknown")) {
    absent.push({
      what: "which functions no kprobe may stand on",
      why: `kprobes/blacklist ${reading(blacklist)}`,
      remedy: blacklist === ENOENT
        ? "mount -t debugfs nodev /sys/kernel/debug"
        : "run ebpf-mcp as root, on a kernel that is not locked down",
    });
  }
  if (kprobes === "unknown") {
    absent.push({
      what: "whether this kernel has kprobes",
      why: "/sys/bus/event_source is not there",
      remedy: "mount -t sysfs sysfs /sys",
    });
  }
  return absent;
}

export const hiddenAddresses: Missing = {
  what: "addresses",
  why: "the kernel shows this process zeros",
  remedy: "run ebpf-mcp with CAP_SYSLOG and sysctl kernel.kptr_restrict below 2",
};

function reading(errno: number): string {
  switch (errno) {
    case EPERM:
    case EACCES:
      return "may not be read by this process (permissions or lockdown)";
    case ENOENT:
      return "is not there";
    case ENODATA:
      return "is empty";
    default:
      return `answers errno ${errno}`;
  }
}
