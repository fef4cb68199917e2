// Control groups by the kernel's id: the inode of the group's folder.
import { readDirectory, statLink } from "../../ffi/file.ts";
import { visibleLine } from "../view/text.ts";
import type { Mount } from "./mounts.ts";

/** A busy host has hundreds; beyond this the rest keep their numbers only. */
const MAX_GROUPS = 10_000;

/** Paths of the control groups below the cgroup2 mounts, for the ids that are asked. */
export function cgroupPaths(
  mounts: readonly Mount[],
  wanted: ReadonlySet<bigint>,
): ReadonlyMap<bigint, string> {
  const found = new Map<bigint, string>();
  const roots = mounts.filter(({ type }) => type === "cgroup2").map(({ path }) => path);
  const pending = [...roots];
  for (let seen = 0; seen < MAX_GROUPS && found.size < wanted.size; seen++) {
    const path = pending.shift();
    if (path === undefined) break;
    const status = statLink(path);
    if (typeof status === "number" || status.kind !== "directory") continue;
    if (wanted.has(status.inode) && !found.has(status.inode)) {
      found.set(status.inode, visibleLine(path));
    }
    pending.push(...groupsIn(path));
  }
  return found;
}

/** Folders are groups; the files in them are named with a dot. */
function groupsIn(path: string): string[] {
  const names = readDirectory(path);
  if (typeof names === "number") return [];
  return names.filter((name) => !isInterfaceFile(name)).map((name) => `${path}/${name}`);
}

/** `cgroup.procs`, `memory.max`: a controller's file, which spares a look at it. */
function isInterfaceFile(name: string): boolean {
  return /^(cgroup|cpu|cpuset|hugetlb|io|memory|misc|pids|rdma|irq|dmem)\.[a-z0-9_.]+$/i.test(name);
}
