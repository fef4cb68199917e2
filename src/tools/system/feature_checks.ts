// Checks of what the kernel took when it was asked.
import type { Feature } from "../../kernel/features/feature.ts";
import { type Check, degraded, type Facts, missing, ok } from "./check.ts";
import { count, firstNames } from "./feature_matrix.ts";

export function programTypes({ features }: Facts): Check {
  return taken("program_types", features.programTypes, "list_bpf_program_types tells why");
}

export function mapTypes({ features }: Facts): Check {
  return taken("map_types", features.mapTypes, "list_bpf_map_types tells why");
}

function taken(name: string, all: readonly Feature[], costs: string): Check {
  const { accepted, total, refused, unknown } = count(all);
  const parts = [`${accepted} of ${total} taken`];
  if (refused.length > 0) parts.push(`refused: ${firstNames(refused)}`);
  if (unknown.length > 0) parts.push(`cannot be told: ${firstNames(unknown)}`);
  const found = parts.join("; ");
  if (accepted === total) return ok(name, found);
  return accepted === 0 ? missing(name, { found, costs }) : degraded(name, { found, costs });
}

/** Dynamic probes of the kernel's functions, in their older form. */
export function kprobes(facts: Facts): Check {
  const source = "/sys/bus/event_source/devices/kprobe";
  if (facts.standing.probes.kprobe) return ok("kprobes", `${source} is there`);
  const others = mayFentry(facts) === false ? "tracepoints" : "tracepoints or fentry";
  return missing("kprobes", {
    found: `${source} is not there`,
    costs: `no kprobes: use ${others}`,
  });
}

/** Dynamic probes of programs and libraries. */
export function uprobes({ standing }: Facts): Check {
  const source = "/sys/bus/event_source/devices/uprobe";
  if (standing.probes.uprobe) return ok("uprobes", `${source} is there`);
  return missing("uprobes", {
    found: `${source} is not there`,
    costs: "no uprobes and no USDT: programs are seen by their system calls alone",
  });
}

/** Dynamic probes of the kernel's functions, in their newer form. */
export function fentry(facts: Facts): Check {
  const found = fentryType(facts);
  if (found === undefined) {
    return missing("fentry", {
      found: "this kernel does not know it",
      costs: withoutFentry(facts),
    });
  }
  if (found.accepted === true) return ok("fentry", found.why);
  const fault = { found: found.why, costs: withoutFentry(facts) };
  return found.accepted === null ? degraded("fentry", fault) : missing("fentry", fault);
}

function withoutFentry({ standing }: Facts): string {
  return `no fentry and fexit: use ${standing.probes.kprobe ? "kprobes" : "tracepoints"}`;
}

function mayFentry(facts: Facts): boolean | null {
  return fentryType(facts)?.accepted ?? null;
}

function fentryType({ features }: Facts): Feature | undefined {
  return features.attachTypes.find(({ name }) => name === "trace_fentry");
}
