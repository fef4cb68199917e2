// Checks of the file systems that BPF work needs.
import { errnoName } from "../../errno.ts";
import type { Mount, MountType } from "../../host/mounts.ts";
import { type Check, degraded, type Facts, missing, ok, quoted } from "./check.ts";

const EACCES = 13;

function mountOf({ system }: Facts, type: MountType): Mount | undefined {
  return system.mounts.find((mount) => mount.type === type);
}

/** Where tracepoints are listed. */
export function tracefs({ standing }: Facts): Check {
  const found = standing.tracefs;
  if (found === null) {
    return missing("tracefs", {
      found: "not mounted here",
      costs: "no list of tracepoints, no ids to attach to classic tracepoints; raw_tp and tp_btf " +
        "work without",
      repair: "mount -t tracefs tracefs /sys/kernel/tracing",
    });
  }
  if (found.events === 0) return ok("tracefs", `readable at ${found.path}`);
  const why = found.events === EACCES ? "its modes allow root only" : errnoName(found.events);
  return degraded("tracefs", {
    found: `mounted at ${found.path}, but cannot be read: ${why}`,
    costs: "no list of tracepoints, no ids to attach to classic tracepoints",
    repair: `mount -o remount,mode=755 ${quoted(found.path)}`,
  });
}

/** Only older hosts have tracing there. */
export function debugfs(facts: Facts): Check {
  const mount = mountOf(facts, "debugfs");
  if (mount !== undefined) return ok("debugfs", `mounted at ${mount.path}`);
  return degraded("debugfs", {
    found: "not mounted here",
    costs: "nothing where tracefs is mounted; else no blacklist of kprobes and no fault injection",
    repair: "mount -t debugfs debugfs /sys/kernel/debug",
  });
}

/** Where objects are pinned. */
export function bpffs(facts: Facts): Check {
  const mount = mountOf(facts, "bpf");
  if (mount === undefined) {
    return missing("bpffs", {
      found: "not mounted here",
      costs: "nothing can be pinned, and others' pins are not seen",
      repair: "mount -t bpf bpf /sys/fs/bpf",
    });
  }
  if (!mount.readOnly) return ok("bpffs", `mounted at ${mount.path}`);
  return degraded("bpffs", {
    found: `mounted read-only at ${mount.path}`,
    costs: "nothing can be pinned",
    repair: `mount -o remount,rw ${quoted(mount.path)}`,
  });
}

/** Programs attach to control groups of version 2 alone. */
export function controlGroups(facts: Facts): Check {
  const mount = mountOf(facts, "cgroup2");
  const { version } = facts.standing.controlGroups;
  const versions = version === null ? "none tells of itself" : `version ${version}`;
  if (mount !== undefined) return ok("cgroup", `${versions}; cgroup2 at ${mount.path}`);
  return missing("cgroup", {
    found: `${versions}; cgroup2 is not mounted here`,
    costs: "no cgroup programs; control groups have no paths",
    repair: "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
  });
}
