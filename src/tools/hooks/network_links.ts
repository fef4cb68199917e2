// Which link belongs to which hook of the network. A link of XDP tells an interface's index but not
// in which network namespace; what is attached in each namespace tells it.
import type { LinkInfo } from "../../kernel/link_info.ts";
import type { NetworkNamespace } from "../../host/network_namespaces.ts";
import type { NamespaceHooks } from "./survey_namespace.ts";

/** An interface, and the namespace that it is in. */
export interface NetworkPlace {
  readonly namespace: NetworkNamespace;
  readonly ifindex: number;
  readonly name: string;
}

/** Links by what identifies an XDP hook within its namespace. */
type Candidates = ReadonlyMap<string, readonly LinkInfo[]>;

export class NetworkLinks {
  readonly #places = new Map<number, NetworkPlace>();
  readonly #byXdp: Candidates;
  readonly #xdpHooks: ReadonlyMap<string, number>;

  constructor(visited: readonly NamespaceHooks[], links: readonly LinkInfo[]) {
    this.#byXdp = Map.groupBy(links.filter(({ target }) => target.kind === "xdp"), (link) => {
      return link.target.kind === "xdp" ? xdpKey(link.target.ifindex, link.programId) : "";
    });
    this.#xdpHooks = countXdp(visited);
    for (const { namespace, interfaces, atInterfaces } of visited) {
      for (const { index: ifindex, name, xdp } of interfaces) {
        const place = { namespace, ifindex, name };
        const byXdp = xdp.map(({ programId }) => this.xdpLink(ifindex, programId));
        const here = atInterfaces.filter((programs) => programs.ifindex === ifindex);
        const others = here.flatMap(({ programs }) => programs.map(({ linkId }) => linkId));
        for (const id of [...byXdp, ...others]) if (id !== null) this.#places.set(id, place);
      }
    }
  }

  /**
   * The links that may run an XDP program at an interface: none when it was attached by netlink,
   * several when one program is at interfaces of the same index in several namespaces.
   */
  xdpLinks(ifindex: number, programId: number): readonly number[] {
    return this.#byXdp.get(xdpKey(ifindex, programId))?.map(({ id }) => id) ?? [];
  }

  /** The link of an XDP hook; null where it has none or it cannot be told which. */
  xdpLink(ifindex: number, programId: number): number | null {
    const links = this.xdpLinks(ifindex, programId);
    return this.#isUnique(ifindex, programId) ? links[0] ?? null : null;
  }

  /** Where a link is attached; null where that cannot be told, or it is of another kind. */
  placeOf(linkId: number): NetworkPlace | null {
    return this.#places.get(linkId) ?? null;
  }

  #isUnique(ifindex: number, programId: number): boolean {
    const key = xdpKey(ifindex, programId);
    return this.#xdpHooks.get(key) === 1 && this.#byXdp.get(key)?.length === 1;
  }
}

/** How many XDP hooks of all namespaces look the same. */
function countXdp(visited: readonly NamespaceHooks[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { index, xdp } of visited.flatMap(({ interfaces }) => interfaces)) {
    for (const { programId } of xdp) {
      const key = xdpKey(index, programId);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function xdpKey(ifindex: number, programId: number | null): string {
  return `${ifindex} ${programId}`;
}
