// What hangs on a program, a map or a link: other objects, and who keeps them alive.
import type { HeldKind, HeldObject } from "../../../host/fdinfo.ts";
import type { Residence } from "../../../host/containers.ts";
import type { Owner } from "../../../host/owners.ts";
import type { LinkInfo } from "../../../kernel/link_info.ts";
import type { Inventory } from "../inventory.ts";
import { type Graph, type GraphNode, keyOf } from "./graph.ts";

/** Who holds an object is nearer than the next object. */
export const HALF_STEP = 0.5;

/** Another object, and what the first does to it (`to`) or it does to the first (`from`). */
interface Joined {
  readonly object: HeldObject;
  readonly relation: string;
  readonly direction: "to" | "from";
}

/** Objects of a graph: adds them, and what is around them. */
export class ObjectNodes {
  readonly #graph: Graph;
  readonly #inventory: Inventory;
  readonly #residences = new Map<number, Residence>();

  constructor(graph: Graph, inventory: Inventory) {
    this.#graph = graph;
    this.#inventory = inventory;
  }

  /** Adds an object; its key, or null when it is gone, or BTF, in which nothing hangs together. */
  add({ kind, id }: HeldObject, distance: number): string | null {
    const node = this.#describe(kind, id);
    if (node === null) return null;
    const mine = this.#inventory.isMine(kind, id);
    return this.#graph.add(mine ? { ...node, mine } : node, distance);
  }

  /** Adds everything that is one step away from an object; the other objects among it. */
  expand({ kind, id }: HeldObject): HeldObject[] {
    const key = keyOf({ kind, id });
    this.#addHolders(kind, id, key);
    const joined: Joined[] = [];
    if (kind === "program") joined.push(...this.#aroundProgram(id));
    if (kind === "map") joined.push(...this.#aroundMap(id));
    if (kind === "link") joined.push(...this.#aroundLink(id));
    const distance = this.#graph.distanceOf(key) + 1;
    return joined.flatMap(({ object, relation, direction }) => {
      const other = this.add(object, distance);
      if (other === null) return [];
      if (direction === "to") this.#graph.connect(key, other, relation);
      else this.#graph.connect(other, key, relation);
      return object;
    });
  }

  /** Adds a process; its key. */
  addProcess({ pid, comm }: Pick<Owner, "pid" | "comm">, distance: number): string {
    const residence = this.#residences.get(pid) ?? this.#inventory.host.containers.ofProcess(pid);
    this.#residences.set(pid, residence);
    const { container, unit } = residence;
    return this.#graph.add({
      kind: "process",
      id: pid,
      name: comm,
      ...(container === undefined ? {} : { container: container.id }),
      ...(unit === undefined ? {} : { unit }),
    }, distance);
  }

  #describe(kind: HeldKind, id: number): GraphNode | null {
    const { names } = this.#inventory.kernel;
    switch (kind) {
      case "program": {
        const program = this.#inventory.program(id);
        if (program === null) return null;
        return { kind, id, name: program.name, type: names.programType(program.type) };
      }
      case "map": {
        const map = this.#inventory.map(id);
        if (map === null) return null;
        return { kind, id, name: map.name, type: names.mapType(map.type) };
      }
      case "link": {
        const link = this.#inventory.link(id);
        return link === null ? null : { kind, id, type: names.linkType(link.type) };
      }
      case "btf":
        return null;
    }
  }

  #aroundProgram(id: number): Joined[] {
    const maps = [...new Set(this.#inventory.program(id)?.mapIds ?? [])];
    return [
      ...this.#inventory.linksOf(id).map((link) => joined("link", link.id, "runs", "from")),
      ...maps.map((map) => joined("map", map, "uses", "to")),
    ];
  }

  #aroundMap(id: number): Joined[] {
    const links = this.#inventory.links.filter(({ target }) => {
      return "mapId" in target && target.mapId === id;
    });
    return [
      ...this.#inventory.programsUsing(id).map((user) =>
        joined("program", user.id, "uses", "from")
      ),
      ...links.map((link) => joined("link", link.id, "is on", "from")),
    ];
  }

  #aroundLink(id: number): Joined[] {
    const link = this.#inventory.link(id);
    if (link === null) return [];
    const { programId, target } = link;
    const map = "mapId" in target ? target.mapId : null;
    const replaced = this.#replacedProgram(link);
    return [
      ...(programId === null ? [] : [joined("program", programId, "runs", "to")]),
      ...(map === null ? [] : [joined("map", map, "is on", "to")]),
      ...(replaced === null ? [] : [joined("program", replaced, "replaces a function of", "to")]),
    ];
  }

  /** The program that an extension (freplace) is attached to: the link has it in BTF's place. */
  #replacedProgram({ target, programId }: LinkInfo): number | null {
    const program = programId === null ? null : this.#inventory.program(programId);
    if (target.kind !== "tracing" || program === null) return null;
    return this.#inventory.kernel.names.programType(program.type) === "ext"
      ? target.objectId
      : null;
  }

  #addHolders(kind: HeldKind, id: number, key: string): void {
    const distance = this.#graph.distanceOf(key) + HALF_STEP;
    for (const path of this.#inventory.pins(kind, id)) {
      this.#graph.connect(this.#graph.add({ kind: "pin", id: path }, distance), key, "pins");
    }
    for (const owner of this.#inventory.holders.of(kind, id)) {
      this.#graph.connect(this.addProcess(owner, distance), key, "holds");
    }
  }
}

function joined(
  kind: HeldKind,
  id: number,
  relation: string,
  direction: "to" | "from",
): Joined {
  return { object: { kind, id }, relation, direction };
}
