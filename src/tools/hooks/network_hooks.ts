// Hooks of the network as rows: XDP, tc, tcx, netkit, and those of a namespace itself.
import type { NetworkNamespace } from "../../host/network_namespaces.ts";
import type { Interface } from "../../host/netlink/interface.ts";
import type { LinkInfo } from "../../kernel/link_info.ts";
import { type FoundHook, type HookFields, present } from "./found_hook.ts";
import type { HookKind } from "./hook_kinds.ts";
import type { NetworkLinks } from "./network_links.ts";
import type { NamespaceHooks, PlacedFilter } from "./survey_namespace.ts";

/** XDP's modes, by the number that sorts them. */
const modes = ["driver", "generic", "offload"] as const;

/** Every hook of the wanted kinds. */
export function networkHooks(
  visited: readonly NamespaceHooks[],
  networkLinks: NetworkLinks,
  links: readonly LinkInfo[],
  wanted: ReadonlySet<HookKind>,
): FoundHook[] {
  return visited.flatMap((hooks) => [
    ...(wanted.has("xdp") ? xdpHooks(hooks, networkLinks) : []),
    ...hooks.filters.flatMap((placed) => filterHooks(hooks, placed)),
    ...programHooks(hooks),
    ...namespaceHooks(hooks, links),
  ]);
}

/** What tells of the namespace; nothing for our own, in which a reader expects things to be. */
export function namespaceFields({ own, inode, name, pid }: NetworkNamespace): HookFields {
  if (own) return {};
  return present({ netns: inode, netns_name: name, netns_pid: name === null ? pid : null });
}

/** The same in words, to follow a place. */
export function namespaceWords({ own, inode, name, pid }: NetworkNamespace): string {
  if (own) return "";
  if (name !== null) return ` in network namespace ${name}`;
  return ` in network namespace ${inode}${pid === null ? "" : ` of process ${pid}`}`;
}

function xdpHooks(
  { namespace, interfaces }: NamespaceHooks,
  networkLinks: NetworkLinks,
): FoundHook[] {
  return interfaces.flatMap((at) =>
    at.xdp.map(({ mode, programId }) => {
      const linkId = networkLinks.xdpLink(at.index, programId);
      const others = networkLinks.xdpLinks(at.index, programId);
      // one program at equal indexes of several namespaces: the kernel does not tell whose link
      const candidates = linkId === null && others.length > 0 ? others.join(", ") : null;
      return atInterface(namespace, at, {
        kind: "xdp",
        how: mode,
        fields: present({ mode, link_is_one_of: candidates }),
        programId,
        linkId,
        key: [modes.indexOf(mode)],
      });
    })
  );
}

function filterHooks(
  { namespace, interfaces }: NamespaceHooks,
  { ifindex, direction, filter }: PlacedFilter,
): FoundHook[] {
  const at = interfaceOf(interfaces, ifindex);
  return filter.programs.map(({ role, programId, label }, index) =>
    atInterface(namespace, at, {
      kind: "tc",
      how: direction,
      fields: present({
        direction,
        role,
        filter: filter.kind,
        priority: filter.priority,
        handle: filter.handle,
        chain: filter.chain === 0 ? null : filter.chain,
        label: label === "" ? null : label,
      }),
      programId,
      linkId: null,
      key: [directionNumber(direction), filter.chain, filter.priority, filter.handle, index],
    })
  );
}

function programHooks({ namespace, interfaces, atInterfaces }: NamespaceHooks): FoundHook[] {
  return atInterfaces.flatMap(({ kind, ifindex, direction, programs }) => {
    const at = interfaceOf(interfaces, ifindex);
    return programs.map(({ programId, linkId }, position) =>
      atInterface(namespace, at, {
        kind,
        how: direction,
        fields: { direction, position },
        programId,
        linkId,
        key: [directionNumber(direction), position],
      })
    );
  });
}

function namespaceHooks(
  { namespace, ofNamespace }: NamespaceHooks,
  links: readonly LinkInfo[],
): FoundHook[] {
  return ofNamespace.flatMap(({ kind, programs }) =>
    programs.map(({ programId }, position) => {
      const link = links.find(({ target, programId: runs }) => {
        return target.kind === "netns" && target.inode === namespace.inode && runs === programId;
      });
      const name = namespace.name ?? String(namespace.inode);
      return {
        kind,
        place: `network namespace ${namespace.own ? "of this process" : name}`,
        fields: present({ netns: namespace.inode, netns_name: namespace.name, position }),
        names: [name, String(namespace.inode)],
        programId,
        linkId: link?.id ?? null,
        key: [namespace.inode, position],
      };
    })
  );
}

interface AtInterface extends Pick<FoundHook, "kind" | "fields" | "programId" | "linkId" | "key"> {
  /** Direction or mode. */
  readonly how: string;
}

function atInterface(
  namespace: NetworkNamespace,
  { index, name }: Pick<Interface, "index" | "name">,
  { kind, how, fields, programId, linkId, key }: AtInterface,
): FoundHook {
  return {
    kind,
    place: `${how} ${name}${namespaceWords(namespace)}`,
    fields: { interface: name, ifindex: index, ...fields, ...namespaceFields(namespace) },
    names: [name, how, ...(namespace.own ? [] : [namespace.name ?? String(namespace.inode)])],
    programId,
    linkId,
    key: [namespace.own ? 0 : namespace.inode, index, ...key],
  };
}

function interfaceOf(interfaces: readonly Interface[], ifindex: number) {
  const found = interfaces.find(({ index }) => index === ifindex);
  return found ?? { index: ifindex, name: `ifindex ${ifindex}` }; // made after they were listed
}

/** Sorts: what comes in before what goes out; a handle of tc, `1:10`, behind both. */
function directionNumber(direction: string): number {
  const known = ["ingress", "egress", "primary", "peer"].indexOf(direction);
  if (known >= 0) return known;
  const [major = "0", minor = "0"] = direction.split(":");
  return 0x1_0000_0000 + parseInt(major, 16) * 0x1_0000 + (parseInt(minor, 16) || 0);
}
