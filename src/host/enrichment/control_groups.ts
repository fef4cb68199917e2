// Control groups by the kernel's id: their paths, and what lives in them.
import { statLink } from "../../../ffi/file.ts";
import { visibleLine } from "../../view/text.ts";
import { CgroupTree } from "../cgroup_tree.ts";
import { type Residence, residenceOfCgroup } from "../containers.ts";
import { BoundedMap } from "./bounded_map.ts";

export interface Group extends Residence {
  /** Its folder; control characters are escaped. */
  readonly path: string;
}

const MAX_GROUPS = 4096;

export class ControlGroups {
  readonly #tree = new CgroupTree();
  readonly #paths = new BoundedMap<bigint, string>(MAX_GROUPS);

  /** Those that exist now, by id. Walks the tree once, and only for ids that are new. */
  of(ids: Iterable<bigint>): ReadonlyMap<bigint, Group> {
    const wanted = new Set(ids);
    const found = new Map<bigint, Group>();
    const missing = new Set<bigint>();
    for (const id of wanted) {
      const path = this.#paths.get(id);
      if (path !== undefined && isAt(path, id)) found.set(id, groupAt(path));
      else missing.add(id);
    }
    if (missing.size === 0) return found;
    for (const { id, path } of this.#tree.walk()) {
      if (!missing.delete(id)) continue;
      this.#paths.set(id, path);
      found.set(id, groupAt(path));
      if (missing.size === 0) break;
    }
    return found;
  }
}

/** A group that was removed and made anew has another id. */
function isAt(path: string, id: bigint): boolean {
  const status = statLink(path);
  return typeof status !== "number" && status.inode === id;
}

function groupAt(path: string): Group {
  return { path: visibleLine(path), ...residenceOfCgroup(path) };
}
