// Which links run a program, and which programs use a map, for whoever watches one of them: asked
// after each change of the lists, so that only what is new is looked at.
import { EBPFError } from "../errors.ts";
import { openById } from "./ids.ts";
import { linkInfo } from "./link_info.ts";
import type { ObjectLists } from "./object_lists.ts";
import { programInfo } from "./program_info.ts";

export class ObjectRelations {
  readonly #lists: ObjectLists;
  /** By link id: its program. */
  readonly #programs = new Map<number, readonly number[]>();
  /** By program id: its maps. */
  readonly #maps = new Map<number, readonly number[]>();

  constructor(lists: ObjectLists) {
    this.#lists = lists;
  }

  /**
   * Ids of the links that ran the program when they were first seen.
   * @throws permission/not_permitted without CAP_SYS_ADMIN, object_info_failed with the errno
   * @since Linux 5.8
   */
  linksOf(programId: number): number[] {
    return related(this.#programs, this.#lists.latest("link"), programId, (id) => {
      using fd = openById("link", id);
      return [linkInfo(fd.number).programId ?? 0];
    });
  }

  /**
   * Ids of the programs that use the map.
   * @throws permission/not_permitted without CAP_SYS_ADMIN, object_info_failed with the errno
   */
  usersOf(mapId: number): number[] {
    return related(this.#maps, this.#lists.latest("program"), mapId, (id) => {
      using fd = openById("program", id);
      return programInfo(fd.number).mapIds;
    });
  }
}

/** Brings `known` in line with the ids that there are, and gives those that lead to `wanted`. */
function related(
  known: Map<number, readonly number[]>,
  ids: readonly number[],
  wanted: number,
  read: (id: number) => readonly number[],
): number[] {
  const present = new Set(ids);
  for (const id of [...known.keys()]) if (!present.has(id)) known.delete(id);
  for (const id of ids) if (!known.has(id)) known.set(id, unlessGone(() => read(id)));
  return ids.filter((id) => known.get(id)?.includes(wanted) === true);
}

/** What goes while it is looked at leads nowhere. */
function unlessGone(read: () => readonly number[]): readonly number[] {
  try {
    return read();
  } catch (error) {
    const isGone = error instanceof EBPFError && error.category === "resource";
    if (isGone) return [];
    throw error;
  }
}
