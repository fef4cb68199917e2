// Hooks that links tell by themselves: tracing, probes, netfilter, iterators, struct_ops.
import { exactInteger } from "../../btf/value.ts";
import type { LinkInfo, LinkTarget } from "../../kernel/link_info.ts";
import type { Inventory } from "../inspect/inventory.ts";
import { type FoundHook, type HookFields, present } from "./found_hook.ts";
import type { HookKind } from "./hook_kinds.ts";
import type { MultiProbes } from "./multi_probes.ts";

/** A hook without what every link has. */
interface Told {
  readonly kind: HookKind;
  readonly place: string;
  readonly names: readonly string[];
  readonly fields: HookFields;
}

/** By the name of the attach type of a tracing link. */
const tracingKinds: ReadonlyMap<string, HookKind> = new Map([
  ["trace_fentry", "fentry"],
  ["trace_fexit", "fexit"],
  ["modify_return", "fmod_ret"],
  ["lsm_mac", "lsm"],
  ["trace_raw_tp", "raw_tracepoint"],
  ["trace_iter", "iter"],
]);

/** linux/perf_event.h: enum perf_type_id, and enum perf_sw_ids of type 1. */
const perfTypes = ["hardware", "software", "tracepoint", "hw_cache", "raw", "breakpoint"];
const softwareEvents = [
  "cpu_clock",
  "task_clock",
  "page_faults",
  "context_switches",
  "cpu_migrations",
  "page_faults_min",
  "page_faults_maj",
  "alignment_faults",
  "emulation_faults",
  "dummy",
  "bpf_output",
  "cgroup_switches",
];

/**
 * What the kernel makes of type 1 with the configs 0 and 1: its first two event sources beyond the
 * fixed ones, registered at boot. @since Linux 5.18
 */
const clocks: ReadonlyMap<number, string> = new Map([[6, "cpu_clock"], [7, "task_clock"]]);

/** linux/netfilter.h: NFPROTO_… and NF_INET_…. */
const families: ReadonlyMap<number, string> = new Map([[2, "ipv4"], [10, "ipv6"]]);
const netfilterHooks = ["prerouting", "input", "forward", "output", "postrouting"];

/**
 * The hook of a link; null when it has none any more, or when only the hook's own kind of survey
 * can tell it (XDP, tcx, netkit, control groups, network namespaces).
 */
export function linkHook(
  link: LinkInfo,
  inventory: Inventory,
  multi: MultiProbes,
): FoundHook | null {
  const told = tell(link, inventory, multi);
  if (told === null) return null;
  return { ...told, programId: link.programId, linkId: link.id, key: [link.id] };
}

/**
 * The hook of a link that its own survey did not find, since it is in a network namespace or a
 * control group that was not looked at; null when it was detached.
 */
export function unplacedHook(link: LinkInfo, inventory: Inventory): FoundHook | null {
  const told = tellUnplaced(link.target, inventory);
  if (told === null) return null;
  return { ...told, programId: link.programId, linkId: link.id, key: [2n ** 63n, link.id] };
}

function tell(link: LinkInfo, inventory: Inventory, multi: MultiProbes): Told | null {
  const { target } = link;
  switch (target.kind) {
    case "xdp":
    case "tcx":
    case "netkit":
    case "netns":
    case "cgroup":
      return null;
    case "tracing":
      return tracing(link, target.attachType, inventory);
    case "raw_tracepoint":
    case "tracepoint":
    case "iter":
      return named(target.kind, target.name);
    case "kprobe":
    case "kretprobe":
    case "uprobe":
    case "uretprobe":
    case "uprobe_multi":
      return probe(target);
    case "kprobe_multi":
      return multiKprobe(target, multi.get(link.id) ?? []);
    default:
      return other(link, inventory);
  }
}

function tracing(link: LinkInfo, attachType: number, inventory: Inventory): Told {
  const { programId } = link;
  const name = programId === null ? null : inventory.attachName(programId);
  const type = inventory.kernel.names.attachType(attachType);
  const kind = tracingKinds.get(type);
  if (kind !== undefined) return named(kind, name ?? "");
  const isExtension = inventory.kernel.names.linkType(link.type) === "tracing" && attachType === 0;
  return {
    kind: isExtension ? "extension" : "other",
    place: [isExtension ? "" : type, name ?? "a function of another program"].join(" ").trim(),
    names: name === null ? [] : [name],
    fields: present({ name, attach_type: isExtension ? null : type }),
  };
}

function named(kind: HookKind, name: string): Told {
  return {
    kind,
    place: name === "" ? "a target that this kernel does not tell" : name,
    names: [name],
    fields: name === "" ? {} : { name },
  };
}

type Probe = Extract<
  LinkTarget,
  { kind: "kprobe" | "kretprobe" | "uprobe" | "uretprobe" | "uprobe_multi" }
>;

function probe(target: Probe): Told {
  switch (target.kind) {
    case "kprobe":
    case "kretprobe":
      return functionProbe(target.name, BigInt(target.offset), returns(target.kind));
    case "uprobe":
    case "uretprobe":
      return fileProbe(target.path, BigInt(target.offset), returns(target.kind));
    case "uprobe_multi": {
      const { path, count, pid } = target;
      const end = target.returns ? " at their return" : "";
      return {
        kind: "uprobe",
        place: `${path} at ${count} places${end}`,
        names: [path],
        fields: present({ path, places: count, at: target.returns ? "return" : "entry", pid }),
      };
    }
  }
}

/** The most functions of one link that are shown; `target` looks at all. */
const mostFunctions = 8;

function multiKprobe(
  { count, returns }: Extract<LinkTarget, { kind: "kprobe_multi" }>,
  functions: readonly string[],
): Told {
  const shown = functions.slice(0, mostFunctions).join(", ");
  const rest = count - Math.min(functions.length, mostFunctions);
  const more = rest > 0 ? `${rest}${shown === "" ? "" : " other"} functions` : "";
  const place = [shown, more].filter((part) => part !== "").join(" and ");
  return {
    kind: "kprobe",
    place: returns ? `return of ${place}` : place,
    names: functions,
    fields: { functions: count, at: returns ? "return" : "entry" },
  };
}

type Moment = "entry" | "return";

function returns(kind: "kprobe" | "kretprobe" | "uprobe" | "uretprobe"): Moment {
  return kind === "kretprobe" || kind === "uretprobe" ? "return" : "entry";
}

/** A probe of a kernel function. */
export function functionProbe(name: string, offset: bigint, moment: Moment): Told {
  const shown = name === "" ? "an address" : name;
  const start = offset === 0n ? shown : `${shown}+0x${offset.toString(16)}`;
  return {
    kind: "kprobe",
    place: moment === "return" ? `return of ${start}` : start,
    names: [name],
    fields: { ...(name === "" ? {} : { name }), offset: exactInteger(offset), at: moment },
  };
}

/** A probe of a place in an executable or a library. */
export function fileProbe(path: string, offset: bigint, moment: Moment): Told {
  const start = `${path}+0x${offset.toString(16)}`;
  return {
    kind: "uprobe",
    place: moment === "return" ? `return of ${start}` : start,
    names: [path],
    fields: { path, offset: exactInteger(offset), at: moment },
  };
}

function other(link: LinkInfo, inventory: Inventory): Told {
  const { target } = link;
  const mapName = (id: number) => inventory.maps.find((map) => map.id === id)?.name ?? `map ${id}`;
  switch (target.kind) {
    case "perf_event": {
      const clock = target.config === 0n ? clocks.get(target.type) : undefined;
      const type = clock === undefined
        ? perfTypes[target.type] ?? `type ${target.type}`
        : "software";
      const software = type === "software" ? softwareEvents[Number(target.config)] : undefined;
      const config = clock ?? software ?? `config ${target.config}`;
      const fields = { perf_type: target.type, perf_config: exactInteger(target.config) };
      return { kind: "perf_event", place: `${type} ${config}`, names: [type, config], fields };
    }
    case "struct_ops": {
      const name = mapName(target.mapId);
      const fields = { name, map_id: target.mapId };
      return { kind: "struct_ops", place: name, names: [name], fields };
    }
    case "sockmap": {
      const name = mapName(target.mapId);
      const attach_type = inventory.kernel.names.attachType(target.attachType);
      const fields = { name, map_id: target.mapId, attach_type };
      return {
        kind: "sockmap",
        place: `${attach_type} ${name}`,
        names: [name, attach_type],
        fields,
      };
    }
    case "netfilter": {
      const family = families.get(target.family) ?? `family ${target.family}`;
      const hook = netfilterHooks[target.hook] ?? `hook ${target.hook}`;
      const fields = { family, hook, priority: target.priority };
      const place = `${family} ${hook} priority ${target.priority}`;
      return { kind: "netfilter", place, names: [hook, family], fields };
    }
    default: {
      const type = inventory.kernel.names.linkType(link.type);
      const isProbe = type === "perf_event";
      const place = `a ${isProbe ? "probe or perf event" : type} that this kernel does not tell`;
      const kind = isProbe ? "perf_event" : "other";
      return { kind, place, names: [type], fields: { link_type: type } };
    }
  }
}

function tellUnplaced(target: LinkTarget, inventory: Inventory): Told | null {
  const attachType = (value: number) => inventory.kernel.names.attachType(value);
  switch (target.kind) {
    case "xdp":
    case "tcx":
    case "netkit": {
      if (target.ifindex === 0) return null; // detached, or its interface is gone
      const place = `ifindex ${target.ifindex} of a network namespace that was not visited`;
      return { kind: target.kind, place, names: [], fields: { ifindex: target.ifindex } };
    }
    case "netns": {
      const type = attachType(target.attachType);
      const kind = type === "sk_lookup" ? type : "flow_dissector";
      if (target.inode === 0) return null;
      const place = `network namespace ${target.inode}`;
      return { kind, place, names: [String(target.inode)], fields: { netns: target.inode } };
    }
    case "cgroup": {
      if (target.cgroupId === 0n) return null;
      const attach_type = attachType(target.attachType);
      const path = inventory.cgroupPath(target.cgroupId);
      const cgroup_id = exactInteger(target.cgroupId);
      return {
        kind: "cgroup",
        place: `${attach_type} ${path ?? `control group ${cgroup_id}`}`,
        names: [attach_type, ...(path === null ? [] : [path])],
        fields: present({ attach_type, path, cgroup_id }),
      };
    }
    default:
      return null;
  }
}
