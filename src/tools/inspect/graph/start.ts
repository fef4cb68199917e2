// The first nodes of a graph: what is asked for, and the objects that belong to it.
import { type ErrorCode, resourceError } from "../../../errors.ts";
import type { HeldKind, HeldObject } from "../../../host/fdinfo.ts";
import type { Residence } from "../../../host/containers.ts";
import type { Slices } from "../../../slices.ts";
import { nearestFirst } from "../../../view/nearest.ts";
import { visibleLine } from "../../../view/text.ts";
import type { FoundHook } from "../../hooks/found_hook.ts";
import type { Missing } from "../../missing.ts";
import type { Inventory } from "../inventory.ts";
import type { KernelList } from "../refusal.ts";
import { findCgroup, hooksOfCgroups } from "./cgroup_start.ts";
import type { Graph } from "./graph.ts";
import { addHook } from "./hook_nodes.ts";
import { findInterfaces } from "./interface_start.ts";
import { HALF_STEP, type ObjectNodes } from "./objects.ts";
import type { Root } from "./root.ts";

export interface Start {
  /** The node that was asked for. */
  readonly key: string;
  /** Objects to go on from. */
  readonly seeds: readonly HeldObject[];
  readonly missing: readonly Missing[];
}

const listOf: Readonly<Partial<Record<HeldKind, KernelList>>> = {
  program: "programs",
  map: "maps",
  link: "links",
};
const notFound: Readonly<Partial<Record<HeldKind, ErrorCode>>> = {
  program: "program_not_found",
  map: "map_not_found",
  link: "link_not_found",
};
/** Names that an error offers. */
const mostNames = 16;

export class Starts {
  readonly #graph: Graph;
  readonly #objects: ObjectNodes;
  readonly #inventory: Inventory;
  readonly #deadline: number;

  /** @param deadline of `performance.now()`: what is not looked at by then is `missing` */
  constructor(graph: Graph, objects: ObjectNodes, inventory: Inventory, deadline: number) {
    this.#graph = graph;
    this.#objects = objects;
    this.#inventory = inventory;
    this.#deadline = deadline;
  }

  /**
   * Adds the first nodes.
   * @throws resource/program_not_found and the like when there is no such thing
   * @throws permission/not_permitted when the kernel does not list such objects to us
   */
  *of(root: Root): Slices<Start> {
    switch (root.kind) {
      case "program":
      case "map":
      case "link":
        return this.#fromObject(root);
      case "process":
        return this.#fromProcess(root.id);
      case "container":
        return yield* this.#fromContainer(root.name);
      case "interface":
        return yield* this.#fromInterface(root.name);
      case "cgroup":
        return yield* this.#fromCgroup(root.name);
    }
  }

  #fromObject(object: HeldObject): Start {
    const key = this.#objects.add(object, 0);
    if (key !== null) return { key, seeds: [object], missing: [] };
    const { kind, id } = object;
    const list = listOf[kind];
    const refusal = list === undefined ? undefined : this.#inventory.refusal(list);
    throw refusal ?? resourceError(
      notFound[kind] ?? "object_not_found",
      `Cannot draw a graph from ${kind} ${id}: no ${kind} has this id`,
      { kind, id, hint: `inspect_state fields:["${list}"] lists those that exist` },
    );
  }

  #fromProcess(pid: number): Start {
    const { holders, host } = this.#inventory;
    if (!holders.processes.includes(pid)) {
      throw resourceError("process_not_found", `No process has the pid ${pid}`, {
        pid,
        hint: "a thread's id is not its process's; pids are those of this server's pid namespace",
      });
    }
    const held = holders.heldBy(new Set([pid]));
    const comm = held[0]?.owners[0]?.comm ?? host.processName(pid);
    const key = this.#objects.addProcess({ pid, comm }, 0);
    return { key, seeds: held.flatMap(({ object }) => this.#hold(object, key)), missing: [] };
  }

  *#fromContainer(name: string): Slices<Start> {
    const { holders, host } = this.#inventory;
    const residences = new Map(
      holders.processes.map((pid) => [pid, host.containers.ofProcess(pid)]),
    );
    const found = [...residences].filter(([_, residence]) => livesIn(residence, name));
    const { hooks, missing } = yield* hooksOfCgroups(this.#inventory, (path) => {
      return livesIn(host.containers.ofCgroup(path), name);
    }, this.#deadline);
    const [first] = found;
    if (first === undefined && hooks.length === 0) {
      const known = [...residences.values()].flatMap((residence) => namesOf(residence));
      throw resourceError("container_not_found", `No process lives in "${visibleLine(name)}"`, {
        known: nearestFirst(name, new Set(known), mostNames),
        hint: "a container's id or the first 4 digits of it, a pod's uid, or a systemd unit",
      });
    }
    const residence = first?.[1];
    const isContainer = residence?.container?.id.startsWith(name) === true;
    const key = this.#graph.add({
      kind: "container",
      id: isContainer ? residence?.container?.id ?? name : name,
      ...(isContainer ? { type: residence?.container?.runtime ?? "container" } : {}),
    }, 0);
    const seeds = holders.heldBy(new Set(found.map(([pid]) => pid))).flatMap((held) =>
      held.owners.flatMap((owner) => {
        const process = this.#objects.addProcess(owner, HALF_STEP);
        this.#graph.connect(process, key, "runs in");
        return this.#hold(held.object, process);
      })
    );
    return { key, seeds: [...seeds, ...this.#placeHooks(hooks, key)], missing };
  }

  *#fromInterface(name: string): Slices<Start> {
    const { interfaces, missing } = yield* findInterfaces(
      name,
      this.#inventory,
      this.#deadline,
    );
    const started = interfaces.map(({ id, hooks }) => {
      const key = this.#graph.add({ kind: "interface", id }, 0);
      return { key, seeds: this.#placeHooks(hooks, key) };
    });
    const [key = ""] = started.map((start) => start.key);
    return { key, seeds: started.flatMap(({ seeds }) => seeds), missing };
  }

  *#fromCgroup(name: string): Slices<Start> {
    const path = yield* findCgroup(name, this.#inventory.host.cgroupTree);
    const shown = visibleLine(path);
    const isShown = (other: string) => other === shown;
    const { hooks, missing } = yield* hooksOfCgroups(this.#inventory, isShown, this.#deadline);
    const key = this.#graph.add({ kind: "cgroup", id: shown }, 0);
    return { key, seeds: this.#placeHooks(hooks, key), missing };
  }

  /** Hooks of the place that was asked for, with their links and programs. */
  #placeHooks(hooks: readonly FoundHook[], place: string): HeldObject[] {
    return hooks.flatMap((hook) => {
      const key = addHook(hook, HALF_STEP, this.#graph);
      this.#graph.connect(key, place, "is at");
      const { linkId, programId } = hook;
      const link: HeldObject[] = linkId === null ? [] : [{ kind: "link", id: linkId }];
      const program: HeldObject[] = programId === null ? [] : [{ kind: "program", id: programId }];
      return [...link, ...program].filter((object) => this.#objects.add(object, 1) !== null);
    });
  }

  #hold(object: HeldObject, holder: string): HeldObject[] {
    const key = this.#objects.add(object, 1);
    if (key === null) return [];
    this.#graph.connect(holder, key, "holds");
    return [object];
  }
}

/** Fewer digits could be anything's. */
const SHORTEST_ID = 4;

function livesIn({ container, pod, unit }: Residence, name: string): boolean {
  if (unit === name || pod === name || container?.id === name) return true;
  return name.length >= SHORTEST_ID && container?.id.startsWith(name) === true;
}

function namesOf({ container, unit }: Residence): string[] {
  return [container?.id, unit].filter((name) => name !== undefined);
}
