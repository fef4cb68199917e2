// Control groups by their paths, and what is attached to them.
import { resourceError } from "../../../errors.ts";
import type { CgroupTree } from "../../../host/cgroup_tree.ts";
import type { Slices } from "../../../slices.ts";
import { nearestFirst } from "../../../view/nearest.ts";
import { visibleLine } from "../../../view/text.ts";
import type { FoundHook } from "../../hooks/found_hook.ts";
import { HookSurvey } from "../../hooks/survey.ts";
import type { Missing } from "../../missing.ts";
import type { Inventory } from "../inventory.ts";

/** Paths that an error offers. */
const mostNames = 8;

/**
 * The folder of a group that is named by its whole path, or by that below the mount point.
 * @throws resource/cgroup_not_found
 */
export function* findCgroup(name: string, tree: CgroupTree): Slices<string> {
  const wanted = name.length > 1 ? name.replace(/\/+$/, "") : name;
  const accepted = new Set([wanted, ...tree.roots().map((root) => belowRoot(root, wanted))]);
  const known: string[] = [];
  for (const { path } of tree.walk()) {
    if (accepted.has(path)) return path;
    known.push(visibleLine(path));
    yield;
  }
  throw resourceError("cgroup_not_found", `No control group has the path "${visibleLine(name)}"`, {
    known: nearestFirst(wanted, known, mostNames),
    hint: "its folder below the cgroup2 mount, as /system.slice/cron.service; v1 has no programs",
  });
}

function belowRoot(root: string, name: string): string {
  const rest = name.replace(/^\/+/, "");
  return rest === "" ? root : `${root}/${rest}`;
}

/** What is attached to the groups whose paths, made visible, are wanted. */
export function* hooksOfCgroups(
  inventory: Inventory,
  wanted: (path: string) => boolean,
  deadline: number,
): Slices<{ hooks: FoundHook[]; missing: readonly Missing[] }> {
  const { hooks, missing } = yield* HookSurvey.make(inventory, {
    wanted: new Set(["cgroup"]),
    matches: wanted,
    deadline,
  });
  return {
    hooks: hooks.filter(({ fields: { path } }) => typeof path === "string" && wanted(path)),
    missing,
  };
}
