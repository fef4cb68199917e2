// What a link is attached to: the part of its info whose meaning depends on the link's type.
import { bpf_link_info } from "../../ffi/layouts/bpf_info.ts";
import { textUntilNul } from "../../ffi/memory.ts";
import { fixedBytes, type StructLayout } from "../../ffi/struct.ts";
import { visibleLine } from "../view/text.ts";
import { idOrNull, Info } from "./info.ts";
import { linkTypes } from "./uapi_types.ts";

/** Where a link is attached. Attach types are `enum bpf_attach_type`. */
export type LinkTarget =
  | { readonly kind: "raw_tracepoint"; readonly name: string }
  | {
    readonly kind: "tracing";
    readonly attachType: number;
    /** BTF object, or the program that an extension replaces a function of. @since Linux 5.13 */
    readonly objectId: number | null;
    readonly typeId: number | null;
  }
  | { readonly kind: "cgroup"; readonly cgroupId: bigint; readonly attachType: number }
  | { readonly kind: "iter"; readonly name: string; readonly mapId: number | null }
  | { readonly kind: "netns"; readonly inode: number; readonly attachType: number }
  | { readonly kind: "xdp"; readonly ifindex: number }
  | { readonly kind: "tcx" | "netkit"; readonly ifindex: number; readonly attachType: number }
  | { readonly kind: "tracepoint"; readonly name: string }
  | { readonly kind: "uprobe" | "uretprobe"; readonly path: string; readonly offset: number }
  | { readonly kind: "kprobe" | "kretprobe"; readonly name: string; readonly offset: number }
  /** `type` and `config` of `struct perf_event_attr`. */
  | { readonly kind: "perf_event"; readonly type: number; readonly config: bigint }
  | { readonly kind: "kprobe_multi"; readonly count: number; readonly returns: boolean }
  | {
    readonly kind: "uprobe_multi";
    readonly path: string;
    readonly count: number;
    readonly returns: boolean;
    /** null for every process. */
    readonly pid: number | null;
  }
  | { readonly kind: "struct_ops"; readonly mapId: number }
  /** NFPROTO_… and NF_INET_… numbers. */
  | {
    readonly kind: "netfilter";
    readonly family: number;
    readonly hook: number;
    readonly priority: number;
  }
  | { readonly kind: "sockmap"; readonly mapId: number; readonly attachType: number }
  /** The kernel does not say: too old for this type, or newer than we are. */
  | { readonly kind: "unknown" };

type Field = typeof bpf_link_info extends StructLayout<infer Name> ? Name : never;

/** PATH_MAX: no name or path that the kernel gives is longer. */
const PATH_MAX = 4096;
/** BPF_F_KPROBE_MULTI_RETURN and BPF_F_UPROBE_MULTI_RETURN. */
const MULTI_RETURN = 1;
/** `enum bpf_perf_event_type`; unspec where the kernel is older than the answer. */
const perfTypes = [
  "unspec",
  "uprobe",
  "uretprobe",
  "kprobe",
  "kretprobe",
  "tracepoint",
  "perf_event",
] as const;

/**
 * Reads the target.
 *
 * @param fd descriptor of the link
 * @param info what a first call told
 * @throws object_info_failed with the errno
 */
export function linkTarget(fd: number, info: Info<Field>): LinkTarget {
  switch (linkTypes[info.number("type")]) {
    case "raw_tracepoint":
    case "tracing":
    case "iter":
    case "kprobe_multi":
    case "uprobe_multi":
      return tracingTarget(fd, info);
    case "perf_event":
      return perfTarget(fd, info);
    default:
      return networkTarget(info);
  }
}

function tracingTarget(fd: number, info: Info<Field>): LinkTarget {
  switch (linkTypes[info.number("type")]) {
    case "raw_tracepoint":
      return {
        kind: "raw_tracepoint",
        name: name(fd, info, "raw_tracepoint.tp_name", "raw_tracepoint.tp_name_len"),
      };
    case "tracing":
      return {
        kind: "tracing",
        attachType: info.number("tracing.attach_type"),
        objectId: idOrNull(info.newerNumber("tracing.target_obj_id")),
        typeId: idOrNull(info.newerNumber("tracing.target_btf_id")),
      };
    case "iter":
      return {
        kind: "iter",
        name: name(fd, info, "iter.target_name", "iter.target_name_len"),
        mapId: idOrNull(info.newerNumber("iter.map.map_id")),
      };
    case "kprobe_multi":
      return {
        kind: "kprobe_multi",
        count: info.newerNumber("kprobe_multi.count") ?? 0,
        returns: ((info.newerNumber("kprobe_multi.flags") ?? 0) & MULTI_RETURN) !== 0,
      };
    case "uprobe_multi":
      return {
        kind: "uprobe_multi",
        path: name(fd, info, "uprobe_multi.path", "uprobe_multi.path_size"),
        count: info.newerNumber("uprobe_multi.count") ?? 0,
        returns: ((info.newerNumber("uprobe_multi.flags") ?? 0) & MULTI_RETURN) !== 0,
        pid: idOrNull(info.newerNumber("uprobe_multi.pid")),
      };
    default:
      return { kind: "unknown" };
  }
}

function perfTarget(fd: number, info: Info<Field>): LinkTarget {
  const kind = perfTypes[info.newerNumber("perf_event.type") ?? 0];
  switch (kind) {
    case "uprobe":
    case "uretprobe":
      return {
        kind,
        path: name(fd, info, "perf_event.uprobe.file_name", "perf_event.uprobe.name_len"),
        offset: info.number("perf_event.uprobe.offset"),
      };
    case "kprobe":
    case "kretprobe":
      return {
        kind,
        name: name(fd, info, "perf_event.kprobe.func_name", "perf_event.kprobe.name_len"),
        offset: info.number("perf_event.kprobe.offset"),
      };
    case "tracepoint":
      return {
        kind,
        name: name(fd, info, "perf_event.tracepoint.tp_name", "perf_event.tracepoint.name_len"),
      };
    case "perf_event":
      return {
        kind,
        type: info.number("perf_event.event.type"),
        config: info.bigint("perf_event.event.config"),
      };
    default:
      return { kind: "unknown" };
  }
}

function networkTarget(info: Info<Field>): LinkTarget {
  const kind = linkTypes[info.number("type")];
  switch (kind) {
    case "cgroup":
      return {
        kind,
        cgroupId: info.bigint("cgroup.cgroup_id"),
        attachType: info.number("cgroup.attach_type"),
      };
    case "netns":
      return {
        kind,
        inode: info.number("netns.netns_ino"),
        attachType: info.number("netns.attach_type"),
      };
    case "xdp":
      return { kind, ifindex: info.number("xdp.ifindex") };
    case "tcx":
    case "netkit":
      return {
        kind,
        ifindex: info.number("tcx.ifindex"),
        attachType: info.number("tcx.attach_type"),
      };
    case "netfilter":
      return {
        kind,
        family: info.number("netfilter.pf"),
        hook: info.number("netfilter.hooknum"),
        priority: info.signed("netfilter.priority"),
      };
    case "struct_ops":
      return { kind, mapId: info.number("struct_ops.map_id") };
    case "sockmap":
      return {
        kind,
        mapId: info.number("sockmap.map_id"),
        attachType: info.number("sockmap.attach_type"),
      };
    default:
      return { kind: "unknown" };
  }
}

/**
 * A text that the kernel writes into a buffer of ours, which only a second call can give, since the
 * field's place depends on the link's type. Empty where the kernel has no such field yet: it would
 * refuse a struct whose tail is not zero.
 */
function name(fd: number, info: Info<Field>, pointer: Field, length: Field): string {
  const told = info.newerNumber(length);
  if (told === null) return "";
  const buffer = fixedBytes(told > 0 && told < PATH_MAX ? told : PATH_MAX); // 6.6 tells no length
  Info.read(fd, bpf_link_info, `the link behind descriptor ${fd}`, (struct) => {
    struct.point(pointer, buffer).set(length, buffer.length);
  });
  return visibleLine(textUntilNul(buffer));
}

/**
 * Whether the link has lost its hook: it was detached by force, or its interface or control group
 * is gone. The link itself stays until its owner closes it.
 */
export function isDetached(target: LinkTarget): boolean {
  switch (target.kind) {
    case "xdp":
    case "tcx":
    case "netkit":
      return target.ifindex === 0;
    case "cgroup":
      return target.cgroupId === 0n;
    case "netns":
      return target.inode === 0;
    default:
      return false;
  }
}
