// Checks of where this process runs: limits, namespaces, filters, libraries.
import { errnoName } from "../../errno.ts";
import type { NamespaceKind } from "../../host/namespaces.ts";
import { type Check, degraded, type Facts, holds, isAtLeast, missing, ok } from "./check.ts";

/** Less locks too little memory for a program with a ring buffer. */
const enoughLockedBytes = 64 << 20;
/** What one session may hold, with a reserve. */
const enoughFiles = 4096;

/** Locked memory, which counts before 5.11. */
export function lockedMemory(facts: Facts): Check {
  const { soft, hard } = facts.system.process.limits.memlockBytes;
  const found = `RLIMIT_MEMLOCK is ${bytesText(soft)}, at most ${bytesText(hard)}`;
  if (isAtLeast(facts, 5, 11)) return ok("rlimit_memlock", `${found}; not counted since 5.11`);
  if (soft === null || soft >= enoughLockedBytes) return ok("rlimit_memlock", found);
  if (holds(facts, "CAP_SYS_RESOURCE")) {
    return ok("rlimit_memlock", `${found}; CAP_SYS_RESOURCE raises it at need`);
  }
  return degraded("rlimit_memlock", {
    found,
    costs: "this kernel counts maps and programs against it: larger ones are refused with EPERM",
    repair: "ulimit -l unlimited",
  });
}

function bytesText(bytes: number | null): string {
  return bytes === null ? "unlimited" : `${bytes} bytes`;
}

/** Each program, map and link takes descriptors. */
export function openFiles({ system }: Facts): Check {
  const { soft, hard } = system.process.limits.openFiles;
  const found = `RLIMIT_NOFILE is ${soft ?? "unlimited"}, at most ${hard ?? "unlimited"}`;
  if (soft === null || soft >= enoughFiles) return ok("rlimit_nofile", found);
  const wanted = hard === null ? enoughFiles : Math.min(hard, enoughFiles);
  return degraded("rlimit_nofile", {
    found,
    costs: "many programs, perf buffers or uprobes at once may fail with EMFILE",
    ...(wanted > soft ? { repair: `ulimit -n ${wanted}` } : {}),
  });
}

const placeCosts: readonly (readonly [kind: NamespaceKind, costs: string])[] = [
  ["user", "the kernel counts none of our capabilities"],
  ["pid", "pids in events are the host's, not those seen here"],
  ["net", "the host's interfaces are out of sight: XDP, tc and netfilter reach only ours"],
  ["mnt", "paths of executables and control groups are the host's: uprobes need ours"],
  ["cgroup", "paths of control groups begin at our own"],
];

/** Whether we see the host as it is. */
export function namespaces({ standing: { places } }: Facts): Check {
  const others = placeCosts.filter(([kind]) => places[kind] === "other");
  const unknown = placeCosts.filter(([kind]) => places[kind] === "unknown");
  const list = (kinds: typeof placeCosts) => kinds.map(([kind]) => kind).join(", ");
  const doubt = unknown.length === 0 ? "" : `; cannot be told: ${list(unknown)}`;
  if (others.length > 0) {
    return degraded("namespaces", {
      found: `not the host's: ${list(others)}${doubt}`,
      costs: others.map(([kind, costs]) => `${kind}: ${costs}`).join("; "),
    });
  }
  if (unknown.length === 0) return ok("namespaces", "the host's");
  return degraded("namespaces", {
    found: `the host's${doubt}`,
    costs: "interfaces and paths may not be the host's",
  });
}

/** The container that we run in. */
export function container({ standing: { container: signs, places } }: Facts): Check {
  const { residence, marker } = signs;
  const found: string[] = [];
  if (residence.container !== undefined) {
    found.push(`${residence.container.runtime} ${residence.container.id.slice(0, 12)}`);
  }
  if (residence.pod !== undefined) found.push(`pod ${residence.pod}`);
  if (marker !== null) found.push(`${marker} is there`);
  if (found.length === 0) {
    const doubt = places.cgroup === "initial" ? "" : ", as far as our control group tells";
    return ok("container", `none${doubt}`);
  }
  return degraded("container", {
    found: found.join("; "),
    costs: "what the runtime withholds is missing here: see capabilities, seccomp and namespaces",
  });
}

/** System calls that a filter keeps from us. */
export function seccomp(facts: Facts): Check {
  const { filters, systemCalls } = facts.standing;
  const found = `ours ${filters.own ?? "unknown"}, our parent's ${filters.parent ?? "unknown"}`;
  const blocked: string[] = [];
  if (!getsThrough(systemCalls.bpf, mayBpf(facts))) {
    blocked.push(`bpf answers ${errnoName(systemCalls.bpf)}`);
  }
  if (!getsThrough(systemCalls.perfEventOpen, "yes")) {
    blocked.push(`perf_event_open answers ${errnoName(systemCalls.perfEventOpen)}`);
  }
  if (blocked.length === 0) {
    return ok("seccomp", `filters: ${found}; bpf and perf_event_open get through`);
  }
  const fault = {
    found: `filters: ${found}; ${blocked.join(", ")}`,
    costs: "what is blocked cannot be done here: the runtime's seccomp profile must allow it",
  };
  return systemCalls.bpf === EINVAL ? degraded("seccomp", fault) : missing("seccomp", fault);
}

const EPERM = 1;
const EINVAL = 22;

/** Before 5.19 the kernel itself answers EPERM to whom it lets load nothing. */
function mayBpf(facts: Facts): "yes" | "perhaps not" {
  if (isAtLeast(facts, 5, 19)) return "yes";
  if (holds(facts, "CAP_SYS_ADMIN") || holds(facts, "CAP_BPF")) return "yes";
  return facts.system.settings.unprivilegedBpfDisabled === 0 ? "yes" : "perhaps not";
}

function getsThrough(errno: number, may: "yes" | "perhaps not"): boolean {
  return errno === EINVAL || (errno === EPERM && may === "perhaps not");
}

/** The library that loads objects. */
export function libbpf({ system }: Facts): Check {
  const { libbpf: found } = system;
  if (!("reason" in found)) return ok("libbpf", `${found.version} (${found.source})`);
  return missing("libbpf", {
    found: found.reason,
    costs: "nothing can be loaded or attached",
    repair: "apt-get install libbpf1",
  });
}
