// What a link is attached to: in one line, and as fields.
import type { LinkInfo, LinkTarget } from "../../kernel/link_info.ts";
import { exactInteger } from "../../btf/value.ts";
import { visibleLine } from "../../view/text.ts";
import { namespaceFields } from "../hooks/network_hooks.ts";
import type { Inventory } from "./inventory.ts";

/** Fields that belong to the kind of target; what does not apply is absent. */
export type HookFields = Record<string, string | number>;

export interface Hook {
  readonly text: string;
  readonly fields: HookFields;
}

/** Describes where a link is attached. Names are looked up in our own namespaces. */
export function describeHook(link: LinkInfo, inventory: Inventory): Hook {
  const { target } = link;
  const fields = present({ kind: target.kind, ...fieldsOf(link, inventory) });
  if (target.kind === "unknown") {
    return { text: ownTarget(link.id, inventory) ?? "not told by this kernel", fields };
  }
  if (isWithoutHook(target)) return { text: `${target.kind} detached`, fields };
  return { text: [target.kind, ...words(target, fields)].join(" "), fields };
}

/** What the session that attached it was asked for: before 6.6 the kernel tells no probes. */
function ownTarget(linkId: number, { session }: Inventory): string | undefined {
  const own = session.attachments.values().find(({ linkIds }) => linkIds.includes(linkId));
  return own?.traits.target;
}

type MaybeFields = Readonly<Record<string, string | number | null>>;

/** It was detached by force, or its interface or control group is gone. */
function isWithoutHook(target: LinkTarget): boolean {
  if ("ifindex" in target) return target.ifindex === 0;
  return target.kind === "cgroup" && target.cgroupId === 0n;
}

function fieldsOf({ id, programId, target }: LinkInfo, inventory: Inventory): MaybeFields {
  const attachType = (value: number) => inventory.kernel.names.attachType(value);
  switch (target.kind) {
    case "tracing":
      return {
        attach_type: attachType(target.attachType),
        name: programId === null ? null : inventory.attachName(programId),
        btf_id: target.objectId,
        btf_type_id: target.typeId,
      };
    case "cgroup":
      return {
        attach_type: attachType(target.attachType),
        cgroup_id: exactInteger(target.cgroupId),
        path: inventory.cgroupPath(target.cgroupId),
      };
    case "netns":
      return { attach_type: attachType(target.attachType), netns_inode: target.inode };
    case "xdp":
      return { ifindex: target.ifindex, ...interfaceFields(id, target.ifindex, inventory) };
    case "tcx":
    case "netkit":
      return {
        attach_type: attachType(target.attachType),
        ifindex: target.ifindex,
        ...interfaceFields(id, target.ifindex, inventory),
      };
    case "sockmap":
      return { attach_type: attachType(target.attachType), map_id: target.mapId };
    default:
      return probeFields(target);
  }
}

/**
 * An ifindex is of the interface's own network namespace, which a link does not tell. Ours were
 * attached in this one; where others are is seen in each namespace that can be entered.
 */
function interfaceFields(linkId: number, ifindex: number, inventory: Inventory): MaybeFields {
  if (inventory.isMine("link", linkId)) {
    return { interface: inventory.host.interfaceName(ifindex) };
  }
  const place = inventory.networkPlace(linkId);
  if (place === null) return {};
  return { interface: visibleLine(place.name), ...namespaceFields(place.namespace) };
}

function probeFields(target: LinkTarget): MaybeFields {
  switch (target.kind) {
    case "raw_tracepoint":
    case "tracepoint":
      return { name: target.name };
    case "iter":
      return { name: target.name, map_id: target.mapId };
    case "kprobe":
    case "kretprobe":
      return { name: target.name, offset: target.offset };
    case "uprobe":
    case "uretprobe":
      return { path: target.path, offset: target.offset };
    case "perf_event":
      return { perf_type: target.type, perf_config: exactInteger(target.config) };
    case "kprobe_multi":
      return { count: target.count, at: target.returns ? "return" : "entry" };
    case "uprobe_multi":
      return {
        path: target.path,
        count: target.count,
        at: target.returns ? "return" : "entry",
        pid: target.pid,
      };
    case "struct_ops":
      return { map_id: target.mapId };
    case "netfilter":
      return { family: target.family, hook: target.hook, priority: target.priority };
    default:
      return {};
  }
}

function present(fields: MaybeFields): HookFields {
  const kept: HookFields = {};
  for (const [name, value] of Object.entries(fields)) if (value !== null) kept[name] = value;
  return kept;
}

/** What a reader wants beside the kind: "egress eth0", "/usr/bin/bash+0x1230". */
function words(target: LinkTarget, fields: HookFields): (string | number)[] {
  switch (target.kind) {
    case "uprobe":
    case "uretprobe":
      return [`${target.path}+0x${target.offset.toString(16)}`];
    case "kprobe":
    case "kretprobe":
      return [target.offset === 0 ? target.name : `${target.name}+0x${target.offset.toString(16)}`];
    case "xdp":
    case "tcx":
    case "netkit":
      return [
        ...direction(fields.attach_type),
        fields.interface ?? `ifindex ${target.ifindex} of an untold network namespace`,
        ...namespaceName(fields),
      ];
    case "cgroup":
      return [fields.attach_type ?? "", fields.path ?? `cgroup ${target.cgroupId}`];
    case "kprobe_multi":
      return [`${target.count} functions`, ...(target.returns ? ["at their return"] : [])];
    case "perf_event":
      return [`type ${target.type}`, `config ${target.config}`];
    default:
      return [fields.attach_type ?? "", fields.name ?? fields.path ?? ""].filter((word) => {
        return word !== "";
      });
  }
}

/** Where an interface is, when it is not in our own network namespace. */
function namespaceName({ netns, netns_name, netns_pid }: HookFields): string[] {
  if (netns === undefined) return [];
  if (netns_name !== undefined) return [`in network namespace ${netns_name}`];
  return [`in network namespace ${netns}${netns_pid === undefined ? "" : ` of pid ${netns_pid}`}`];
}

/** `tcx_ingress` beside `tcx` is `ingress`. */
function direction(attachType: string | number | undefined): string[] {
  return typeof attachType === "string" ? [attachType.replace(/^(tcx|netkit)_/, "")] : [];
}
