// Network interfaces by name, in every network namespace that can be entered.
import { resourceError } from "../../../errors.ts";
import type { Slices } from "../../../slices.ts";
import { nearestFirst } from "../../../view/nearest.ts";
import { visibleLine } from "../../../view/text.ts";
import type { NetworkNamespace } from "../../../host/network_namespaces.ts";
import type { FoundHook } from "../../hooks/found_hook.ts";
import { networkHooks } from "../../hooks/network_hooks.ts";
import { NetworkLinks } from "../../hooks/network_links.ts";
import { surveyNetwork } from "../../hooks/network_survey.ts";
import type { Missing } from "../../missing.ts";
import type { Inventory } from "../inventory.ts";

export interface FoundInterface {
  /** Its name; behind its namespace's where that is not ours. */
  readonly id: string;
  readonly hooks: readonly FoundHook[];
}

const wanted = new Set(["xdp", "tc", "tcx", "netkit"] as const);
/** Names that an error offers. */
const mostNames = 8;

/**
 * Every interface of that name; `NAMESPACE/NAME` means one in the namespace of this inode or name.
 * Without it, those of other namespaces count only when something is attached to them.
 *
 * @throws resource/interface_not_found
 */
export function* findInterfaces(
  name: string,
  inventory: Inventory,
  deadline: number,
): Slices<{ interfaces: readonly FoundInterface[]; missing: readonly Missing[] }> {
  const { kernel, host, links } = inventory;
  const slash = name.lastIndexOf("/");
  const place = slash < 0 ? null : name.slice(0, slash);
  const called = name.slice(slash + 1);
  const { visited, missing } = yield* surveyNetwork({ kernel, host }, wanted, deadline);
  const networkLinks = new NetworkLinks(visited, links);
  const found: FoundInterface[] = [];
  const known: string[] = [];
  for (const hooks of visited) {
    const { namespace, interfaces } = hooks;
    const prefix = namespace.own ? "" : `${namespace.name ?? namespace.inode}/`;
    const all = networkHooks([hooks], networkLinks, links, wanted);
    for (const { index, name: own } of interfaces) {
      known.push(`${prefix}${visibleLine(own)}`);
      if (own !== called || !isIn(namespace, place)) continue;
      const here = all.filter(({ fields }) => fields.ifindex === index);
      if (place === null && !namespace.own && here.length === 0) continue;
      found.push({ id: `${prefix}${visibleLine(own)}`, hooks: here });
    }
  }
  if (found.length > 0) return { interfaces: found, missing };
  throw resourceError("interface_not_found", `No interface is named "${visibleLine(name)}"`, {
    known: nearestFirst(name, known, mostNames),
    hint:
      "in another network namespace name it too: NAMESPACE/NAME, the namespace by name or inode",
  });
}

function isIn({ own, name, inode }: NetworkNamespace, place: string | null): boolean {
  if (place === null) return true;
  return name === place || String(inode) === place || (own && place === "");
}
