// Control groups by the kernel's id: the inode of the group's folder.
import { visibleLine } from "../view/text.ts";
import { walkCgroups } from "./cgroup_tree.ts";
import type { Mount } from "./mounts.ts";

/** A busy host has hundreds; beyond this the rest keep their numbers only. */
const MAX_GROUPS = 10_000;

/** Paths of the control groups below the cgroup2 mounts, for the ids that are asked. */
export function cgroupPaths(
  mounts: readonly Mount[],
  wanted: ReadonlySet<bigint>,
): ReadonlyMap<bigint, string> {
  const found = new Map<bigint, string>();
  if (wanted.size === 0) return found;
  const roots = mounts.filter(({ type }) => type === "cgroup2").map(({ path }) => path);
  for (const { id, path } of walkCgroups(roots).take(MAX_GROUPS)) {
    if (wanted.has(id)) found.set(id, visibleLine(path));
    if (found.size === wanted.size) break;
  }
  return found;
}
