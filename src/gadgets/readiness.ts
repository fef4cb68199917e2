// Whether a gadget can run on this kernel, and what keeps it from it: asked without loading it.
import { readText, statPath } from "../../ffi/file.ts";
import { EBPFError } from "../errors.ts";
import { type KernelVersion, parseRelease } from "../host/kernel_release.ts";
import { parseStatus } from "../host/process_status.ts";
import { Tracefs } from "../host/tracefs.ts";
import type { Gadget } from "./skeleton.ts";

/** What this kernel and this process have, as far as gadgets ask for it. */
export interface KernelFacts {
  /** As the kernel writes it, for messages. */
  readonly release: string;
  readonly version: KernelVersion | null;
  /** Effective ones, by name. */
  readonly capabilities: readonly string[];
  readonly btf: "present" | "absent";
  /** True also where we may not look; null where there is no tracefs. */
  readonly hasTracepoint: ((category: string, name: string) => boolean) | null;
}

/** What is missing, in words, and the tracepoints by name. */
export interface Obstacles {
  readonly reasons: readonly string[];
  readonly tracepoints: readonly string[];
}

/** Before Linux 5.8 there was only this one, and it still stands for all of them. */
const WHOLE = "CAP_SYS_ADMIN";
const ENOENT = 2;

export function readKernelFacts(): KernelFacts {
  const release = readText("/proc/sys/kernel/osrelease") ?? "";
  const status = parseStatus(readText("/proc/self/status") ?? "");
  const folder = new Tracefs().folder();
  const btf = typeof statPath("/sys/kernel/btf/vmlinux") === "number" ? "absent" : "present";
  return {
    release,
    version: parseRelease(release),
    capabilities: status.capabilities.effective,
    btf,
    hasTracepoint: folder === null
      ? null
      : (category, name) => statPath(`${folder}/events/${category}/${name}`) !== ENOENT,
  };
}

/** Empty where nothing is known to be missing. */
export function obstaclesOf({ manifest, programs }: Gadget, facts: KernelFacts): Obstacles {
  const { needs } = manifest;
  const reasons: string[] = [];
  if (isOlder(facts.version, needs.kernel)) {
    reasons.push(`it needs Linux ${needs.kernel}, this is ${facts.release}`);
  }
  if (facts.btf === "absent") reasons.push("this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)");
  const { capabilities, hasTracepoint } = facts;
  const lacking = needs.capabilities.filter((name) => {
    return !capabilities.includes(name) && !capabilities.includes(WHOLE);
  });
  if (lacking.length > 0) reasons.push(`this process lacks ${lacking.join(" and ")}`);
  if (hasTracepoint === null) {
    // raw tracepoints are attached by name alone, the others by an id that tracefs tells
    const byId = programs.some(({ section }) => /^(tp|tracepoint)\//.test(section));
    if (byId) reasons.push("tracefs is not mounted: mount -t tracefs nodev /sys/kernel/tracing");
    return { reasons, tracepoints: [] };
  }
  const tracepoints = needs.tracepoints.filter((tracepoint) => {
    const [category = "", name = ""] = tracepoint.split(":");
    return !hasTracepoint(category, name);
  });
  if (tracepoints.length > 0) {
    const noun = tracepoints.length === 1 ? "tracepoint" : "tracepoints";
    reasons.push(`this kernel lacks the ${noun} ${tracepoints.join(", ")}`);
  }
  return { reasons, tracepoints };
}

/**
 * Refuses, before anything is loaded, what this kernel is too old for or has no tracepoint for. The
 * load and the attach answer better themselves what this process lacks: capabilities, BTF, tracefs.
 * @throws kernel/feature_missing naming the tracepoints or the version
 */
export function requireFeatures(gadget: Gadget, facts: KernelFacts): void {
  const { version, hasTracepoint } = facts;
  const { reasons, tracepoints } = obstaclesOf(gadget, {
    release: facts.release,
    version,
    capabilities: [WHOLE],
    btf: "present",
    hasTracepoint: hasTracepoint ?? (() => true),
  });
  if (reasons.length === 0) return;
  throw new EBPFError(
    "kernel",
    "feature_missing",
    `Cannot run gadget "${gadget.name}": ${reasons.join("; ")}`,
    {
      gadget: gadget.name,
      ...(tracepoints.length === 0 ? {} : { tracepoints }),
      needs: gadget.manifest.needs,
      hint: gadget.manifest.needs.instead ??
        "list_gadgets with words of the question names those that can run here (can_run)",
    },
  );
}

function isOlder(version: KernelVersion | null, wanted: string): boolean {
  const [major = 0, minor = 0] = wanted.split(".").map(Number);
  if (version === null) return false;
  return version.major < major || (version.major === major && version.minor < minor);
}
