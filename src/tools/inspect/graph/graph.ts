// Things and how they hang together, nearest first.

/** What a node is; its key is `kind:id`. */
export const nodeKinds = [
  "program",
  "map",
  "link",
  "hook",
  "pin",
  "process",
  "container",
  "interface",
  "cgroup",
] as const;
export type NodeKind = typeof nodeKinds[number];

export interface GraphNode {
  readonly kind: NodeKind;
  readonly id: number | string;
  readonly name?: string;
  readonly type?: string;
  readonly mine?: true;
  /** Of a process. */
  readonly unit?: string;
  readonly container?: string;
}

/** `kind:id` of one node, of another, and what the first does to the second. */
export type GraphEdge = readonly [from: string, to: string, relation: string];

/** How edges name a node. */
export function keyOf({ kind, id }: { readonly kind: string; readonly id: number | string }) {
  return `${kind}:${id}`;
}

/** Beyond these nothing is added: an answer has room for a few hundred. */
const MOST_NODES = 5_000;
const MOST_EDGES = 20_000;

interface Placed {
  readonly node: GraphNode;
  readonly distance: number;
}

export class Graph {
  readonly #nodes = new Map<string, Placed>();
  readonly #edges = new Map<string, GraphEdge>();
  #complete = true;

  /**
   * Adds a node unless it is there; its key.
   * @param distance in steps from where the graph begins
   */
  add(node: GraphNode, distance: number): string {
    const key = keyOf(node);
    if (this.#nodes.has(key)) return key;
    if (this.#nodes.size < MOST_NODES) this.#nodes.set(key, { node, distance });
    else this.#complete = false;
    return key;
  }

  /** How far a node is; that of the end where there is no such node. */
  distanceOf(key: string): number {
    return this.#nodes.get(key)?.distance ?? Infinity;
  }

  /** Says that one node does something to another; both were added. */
  connect(from: string, to: string, relation: string): void {
    if (!this.#nodes.has(from) || !this.#nodes.has(to)) return;
    if (this.#edges.size < MOST_EDGES) {
      this.#edges.set(`${from} ${to} ${relation}`, [from, to, relation]);
    } else this.#complete = false;
  }

  /** The nearest first, else in the order in which they were added. */
  get nodes(): readonly GraphNode[] {
    return [...this.#nodes.values()]
      .sort((a, b) => a.distance - b.distance)
      .map(({ node }) => node);
  }

  get edges(): readonly GraphEdge[] {
    return [...this.#edges.values()];
  }

  /** False when there is more than was added. */
  get complete(): boolean {
    return this.#complete;
  }
}
