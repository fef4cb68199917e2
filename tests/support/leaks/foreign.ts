// What processes other than the test's own hold, by descriptors or through what these lead to.
import type { Fd } from "../../../ffi/fd.ts";
import { EBPFError } from "../../../src/errors.ts";
import { type Owners, readOwners } from "../../../src/host/owners.ts";
import { openById } from "../../../src/kernel/ids.ts";
import { linkInfo } from "../../../src/kernel/link_info.ts";
import { mapInfo } from "../../../src/kernel/map_info.ts";
import { programInfo } from "../../../src/kernel/program_info.ts";
import { type KernelObject, nameOf } from "./kernel_objects.ts";

/**
 * Those of `candidates` that another process answers for: it holds one of them that leads to the
 * others, as a link does to its program, a program to its maps and either to its BTF.
 *
 * @param ours this process and its children, which do not count
 */
export function foreignObjects(
  candidates: readonly KernelObject[],
  ours: ReadonlySet<number>,
): Set<string> {
  const owners = readOwners();
  const found = new Set<string>();
  const waiting = candidates.filter((object) => heldElsewhere(owners, object, ours));
  for (let object = waiting.pop(); object !== undefined; object = waiting.pop()) {
    if (found.has(nameOf(object))) continue;
    found.add(nameOf(object));
    waiting.push(...leadsTo(object));
  }
  return found;
}

function heldElsewhere(owners: Owners, { kind, id }: KernelObject, ours: ReadonlySet<number>) {
  return owners.of(kind, id).some(({ pid }) => !ours.has(pid));
}

/** What an object keeps alive; nothing once it is gone. */
function leadsTo({ kind, id }: KernelObject): KernelObject[] {
  try {
    using fd = openById(kind, id);
    return [...behind(kind, fd)];
  } catch (error) {
    if (error instanceof EBPFError && error.code === `${kind}_not_found`) return [];
    throw error;
  }
}

function* behind(kind: KernelObject["kind"], fd: Fd): Generator<KernelObject> {
  if (kind === "link") {
    const { programId } = linkInfo(fd.number);
    if (programId !== null) yield { kind: "program", id: programId };
  } else if (kind === "program") {
    const { mapIds, btfId } = programInfo(fd.number);
    for (const id of mapIds) yield { kind: "map", id };
    if (btfId !== null) yield { kind: "btf", id: btfId };
  } else if (kind === "map") {
    const { btfId } = mapInfo(fd.number);
    if (btfId !== null) yield { kind: "btf", id: btfId };
  }
}
