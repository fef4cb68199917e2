// Checks of what this process may do.
import { errnoName } from "../../errno.ts";
import {
  type Check,
  degraded,
  type Facts,
  holds,
  holdsOrAdmin,
  isAtLeast,
  missing,
  ok,
  quoted,
} from "./check.ts";

/** The capabilities that something here needs, and what does not work without them. */
const useful: readonly (readonly [name: string, without: string])[] = [
  ["CAP_BPF", "no programs and maps"],
  ["CAP_PERFMON", "no tracing programs"],
  ["CAP_NET_ADMIN", "no XDP, tc, cgroup socket or sockmap programs"],
  ["CAP_SYS_ADMIN", "no lists of programs, maps and links; no uprobes by perf event"],
  ["CAP_SYS_PTRACE", "owners of objects only among our own processes"],
  ["CAP_DAC_READ_SEARCH", "tracefs and others' files only where their modes allow it"],
  ["CAP_SYSLOG", "no kernel addresses"],
];

/** CAP_SYS_ADMIN stands for these. */
const partsOfAdmin: ReadonlySet<string> = new Set(["CAP_BPF", "CAP_PERFMON"]);
/** Root reads what its own user owns. */
const needlessForRoot: ReadonlySet<string> = new Set(["CAP_DAC_READ_SEARCH"]);

export function capabilities(facts: Facts): Check {
  const { process } = facts.system;
  const { effective, bounding } = process.capabilities;
  if (!process.initialUserNamespace) {
    return missing("capabilities", {
      found: `${effective.length} in a user namespace of our own, where the kernel counts none`,
      costs: "nothing can be loaded, unless a BPF token allows it: start us in the host's user " +
        "namespace",
    });
  }
  const lacks = useful.filter(([name]) => {
    if (needlessForRoot.has(name) && process.effectiveUid === 0) return false;
    return partsOfAdmin.has(name) ? !holdsOrAdmin(facts, name) : !holds(facts, name);
  });
  if (lacks.length === 0) return ok("capabilities", "all that is asked");
  const names = lacks.map(([name]) => name);
  const outside = names.filter((name) => !bounding.includes(name));
  const tail = outside.length === 0
    ? ""
    : `; outside the bounding set: ${outside.join(", ")} (only who started us can give them)`;
  const fault = {
    found: `missing ${names.join(", ")}${tail}`,
    costs: lacks.map(([name, without]) => `${name}: ${without}`).join("; "),
    ...(outside.length > 0 ? {} : { repair: grant(facts, names) }),
  };
  const canTrace = canLoad(facts) && (!isAtLeast(facts, 5, 8) || holdsPerfmon(facts));
  return canTrace ? degraded("capabilities", fault) : missing("capabilities", fault);
}

function canLoad(facts: Facts): boolean {
  return isAtLeast(facts, 5, 8) ? holdsOrAdmin(facts, "CAP_BPF") : holds(facts, "CAP_SYS_ADMIN");
}

function holdsPerfmon(facts: Facts): boolean {
  return holdsOrAdmin(facts, "CAP_PERFMON");
}

/** Gives our file the capabilities that it lacks, together with those that it has. */
function grant({ standing }: Facts, names: readonly string[]): string | undefined {
  const { executable, fileCapabilities } = standing;
  if (executable === null) return undefined;
  const has = fileCapabilities !== null && typeof fileCapabilities !== "number"
    ? fileCapabilities.permitted
    : [];
  const all = [...new Set([...has, ...names])].map((name) => name.toLowerCase());
  return `setcap ${all.join(",")}+ep ${quoted(executable)}`;
}

/** Capabilities that starting our file gives. */
export function fileCapabilities({ system, standing }: Facts): Check {
  const { fileCapabilities: held, executable } = standing;
  const name = "file_capabilities";
  const file = executable ?? "/proc/self/exe";
  if (typeof held === "number") {
    return degraded(name, {
      found: `those of ${file} cannot be read: ${errnoName(held)}`,
      costs: "cannot tell what starting it gives",
    });
  }
  if (held === null || held.permitted.length === 0) return ok(name, `${file} has none`);
  const list = held.permitted.join(", ");
  if (!system.process.noNewPrivs) return ok(name, `${file} gives ${list}`);
  return degraded(name, {
    found: `${file} has ${list}, which no_new_privs takes away`,
    costs: "they have no effect where we were started",
  });
}

/** Whether ordinary users may load programs. */
export function unprivilegedBpf({ system }: Facts): Check {
  const name = "unprivileged_bpf_disabled";
  const value = system.settings.unprivilegedBpfDisabled;
  if (value === null) {
    return degraded(name, {
      found: "kernel.unprivileged_bpf_disabled cannot be read",
      costs: "cannot tell whether ordinary users may load programs",
    });
  }
  if (value !== 0) return ok(name, `kernel.unprivileged_bpf_disabled is ${value}`);
  return degraded(name, {
    found: "kernel.unprivileged_bpf_disabled is 0: every user may load programs",
    costs: "nothing for us; side-channel attacks on the kernel are easier",
    repair: "sysctl -w kernel.unprivileged_bpf_disabled=2",
  });
}

/** perf_event_open, by which kprobes, uprobes, tracepoints and perf events are attached. */
export function perfEvents(facts: Facts): Check {
  const name = "perf_event_paranoid";
  const value = facts.system.settings.perfEventParanoid;
  if (value === null) {
    return missing(name, {
      found:
        "kernel.perf_event_paranoid cannot be read: no perf events in this kernel, or no /proc",
      costs: "no kprobes, uprobes and tracepoints by perf event",
    });
  }
  const found = `kernel.perf_event_paranoid is ${value}`;
  if (holdsPerfmon(facts)) return ok(name, `${found}, which our capabilities override`);
  if (value < 0) return ok(name, found);
  return degraded(name, {
    found: `${found}, and CAP_PERFMON is missing`,
    costs: "no perf events of the whole system, so no kprobes, uprobes and tracepoints",
    repair: "sysctl -w kernel.perf_event_paranoid=-1",
  });
}
