// Which control group a caller means: by its path, its id, or by what lives in it.
import { type EBPFError, kernelError, resourceError, validationError } from "../errors.ts";
import { mountDepth, readDepthFacts } from "../host/cgroup_depth.ts";
import { CgroupTree } from "../host/cgroup_tree.ts";
import { type Container, residenceOfCgroup } from "../host/containers.ts";
import { ContainerNames } from "../host/enrichment/container_names.ts";
import type { Slices } from "../slices.ts";
import { nearestFirst } from "../view/nearest.ts";
import { visibleLine } from "../view/text.ts";

/** A group as `is_wanted_cgroup` of bpf/include/gadget.bpf.h compares it. */
export interface CgroupTarget {
  /** The inode of its folder. */
  readonly id: bigint;
  /** Levels below the kernel's root, which is 0. */
  readonly level: number;
  readonly path: string;
}

const MOST_NAMES = 8;
const MOST_ID = 2n ** 64n - 1n;
/** A shorter beginning of a container's id fits too many. */
const SHORTEST_ID = 4;
const EOPNOTSUPP = 95;

interface Group {
  readonly id: bigint;
  readonly path: string;
  /** The mount that it was found below. */
  readonly root: string;
}

/**
 * The group of this path (whole, or below the mount point) or of this id.
 * @throws resource/cgroup_not_found with the nearest; kernel/feature_missing in a cgroup namespace
 *   that does not tell how deep it is
 */
export function* cgroupTarget(wanted: string | number): Slices<CgroupTarget> {
  const text = String(wanted);
  const isId = /^\d{1,20}$/.test(text) && BigInt(text) <= MOST_ID;
  const id = isId ? BigInt(text) : null;
  const known: string[] = [];
  for (const group of groups()) {
    if (group.id === id || isAt(group, text)) return withLevel(group);
    known.push(visibleLine(group.path));
    yield;
  }
  const message = isId ? `No control group has the id ${text}` : `No control group is at "${text}"`;
  throw resourceError("cgroup_not_found", visibleLine(message), {
    known: nearestFirst(text, known, MOST_NAMES),
    hint: "give a path below the cgroup2 mount, as /system.slice/cron.service, or its inode",
  });
}

/**
 * The group of a container by its id or a beginning of it, or by its name where its runtime tells;
 * of a systemd unit by its name, with or without its suffix. What lies below belongs to it.
 * @param names of containers, by the files of their runtimes
 * @throws resource/container_not_found; validation/invalid_arguments when several fit
 */
export function* containerTarget(
  wanted: string,
  names: Pick<ContainerNames, "of"> = new ContainerNames(),
): Slices<CgroupTarget> {
  const exact = new Map<string, Group>();
  const begun = new Map<string, Group>();
  const others = new Map<Container, Group>();
  const known = new Set<string>();
  for (const group of groups()) {
    const { container } = residenceOfCgroup(group.path.slice(group.root.length));
    const unit = group.path.slice(group.path.lastIndexOf("/") + 1).replaceAll("\\x2d", "-");
    if (container !== undefined) {
      // parents come first: the first group of a container is the one that holds the others
      if (!known.has(container.id)) others.set(container, group);
      known.add(container.id);
      if (container.id === wanted) addFirst(exact, container.id, group);
      else if (isBeginning(container.id, wanted)) addFirst(begun, container.id, group);
    }
    if (isUnit(unit)) {
      known.add(unit);
      if (unit === wanted || unit.replace(/\.[a-z]+$/, "") === wanted) {
        addFirst(exact, group.path, group);
      }
    }
    yield;
  }
  const found = [exact, begun].find(({ size }) => size > 0) ??
    (yield* byName(wanted, others, names, known));
  const [only] = found.values();
  if (found.size > 1) throw ambiguous(wanted, found);
  if (only !== undefined) return withLevel(only);
  throw resourceError("container_not_found", `No container or unit "${visibleLine(wanted)}" runs`, {
    known: nearestFirst(wanted, [...known].map(visibleLine), MOST_NAMES),
    hint: "a container's id or its first digits, its name, or a systemd unit",
  });
}

/** Adds the names to what is known. */
function* byName(
  wanted: string,
  containers: ReadonlyMap<Container, Group>,
  names: Pick<ContainerNames, "of">,
  known: Set<string>,
): Slices<ReadonlyMap<string, Group>> {
  const found = new Map<string, Group>();
  for (const [container, group] of containers) {
    const name = names.of(container)?.name ?? null;
    if (name !== null) known.add(name);
    if (name === wanted) found.set(container.id, group);
    yield;
  }
  return found;
}

function ambiguous(wanted: string, found: ReadonlyMap<string, Group>): EBPFError {
  const candidates = [...found.keys()].slice(0, MOST_NAMES).map(visibleLine);
  const message = `"${visibleLine(wanted)}" fits ${found.size} containers or units`;
  return validationError("invalid_arguments", message, {
    candidates,
    hint: "give more of the id, or the path of its control group as cgroup",
  });
}

function addFirst(found: Map<string, Group>, name: string, group: Group): void {
  if (!found.has(name)) found.set(name, group);
}

function isBeginning(id: string, wanted: string): boolean {
  return wanted.length >= SHORTEST_ID && id.startsWith(wanted);
}

function isUnit(name: string): boolean {
  return /^[^/]+\.(service|scope|slice|mount|socket|swap)$/.test(name);
}

/** A walk of the tree opens no path that the caller gave: `..` leads nowhere. */
function* groups(): Generator<Group> {
  const tree = new CgroupTree();
  const roots = tree.roots().sort((one, other) => other.length - one.length); // innermost first
  for (const { id, path } of tree.walk()) {
    const root = roots.find((one) => path === one || path.startsWith(`${one}/`));
    if (root !== undefined) yield { id, path, root };
  }
}

function isAt({ path, root }: Group, wanted: string): boolean {
  const trimmed = wanted.replace(/\/+$/, "");
  if (path === trimmed) return true;
  return path.slice(root.length) === (trimmed === "" ? "" : `/${trimmed.replace(/^\/+/, "")}`);
}

function withLevel({ id, path, root }: Group): CgroupTarget {
  const start = mountDepth(root, readDepthFacts());
  if (start === null) {
    const message = `Cannot tell how deep "${visibleLine(path)}" is in the kernel's tree`;
    throw kernelError("feature_missing", message, EOPNOTSUPP, {
      hint: "this is a cgroup namespace: run with the host's (--cgroupns=host), or use pid",
    });
  }
  const below = path.slice(root.length).split("/").filter((part) => part !== "").length;
  return { id, path, level: start + below };
}
