// What processes other than the test's own hold, by descriptors or through what these lead to.
import type { Fd } from "../../../ffi/fd.ts";
import { EBPFError } from "../../../src/errors.ts";
import { readDirectory, readLink, readText } from "../../../ffi/file.ts";
import { parseFdinfo } from "../../../src/host/fdinfo.ts";
import { processIds } from "../../../src/host/process_ids.ts";
import { openById } from "../../../src/kernel/ids.ts";
import { linkInfo } from "../../../src/kernel/link_info.ts";
import { mapInfo } from "../../../src/kernel/map_info.ts";
import { programInfo } from "../../../src/kernel/program_info.ts";
import { type KernelObject, nameOf } from "./kernel_objects.ts";

/** bpf-map, bpf-prog, bpf_link, bpf-link, btf. */
const BPF_FILE = /^anon_inode:\[?(bpf|btf)/;

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
  const held = heldByOthers(ours);
  const found = new Set<string>();
  const waiting = candidates.filter((object) => held.has(nameOf(object)));
  for (let object = waiting.pop(); object !== undefined; object = waiting.pop()) {
    if (found.has(nameOf(object))) continue;
    found.add(nameOf(object));
    waiting.push(...leadsTo(object));
  }
  return found;
}

/** Every descriptor of every other process, however long that takes: the host's own walk ends. */
function heldByOthers(ours: ReadonlySet<number>): Set<string> {
  const held = new Set<string>();
  for (const pid of processIds()) {
    if (ours.has(pid)) continue;
    const descriptors = readDirectory(`/proc/${pid}/fd`);
    if (typeof descriptors === "number") continue; // gone
    for (const fd of descriptors) {
      if (!BPF_FILE.test(readLink(`/proc/${pid}/fd/${fd}`) ?? "")) continue;
      const object = parseFdinfo(readText(`/proc/${pid}/fdinfo/${fd}`) ?? "");
      if (object !== null) held.add(nameOf(object));
    }
  }
  return held;
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
