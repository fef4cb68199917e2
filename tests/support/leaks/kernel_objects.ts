// What the kernel holds: programs, maps, links and BTF by id, and pins by path.
import { cString } from "../../../ffi/memory.ts";
import { Fd } from "../../../ffi/fd.ts";
import { readDirectory, readText, statLink } from "../../../ffi/file.ts";
import { libbpf } from "../../../ffi/library.ts";
import { parseFdinfo } from "../../../src/host/fdinfo.ts";
import { EBPFError } from "../../../src/errors.ts";
import { btfInfo } from "../../../src/kernel/btf_info.ts";
import { type ObjectKind, objectKinds, openById, walkIds } from "../../../src/kernel/ids.ts";
import { mapInfo } from "../../../src/kernel/map_info.ts";
import { programInfo } from "../../../src/kernel/program_info.ts";
import type { Holdings } from "./holdings.ts";

const BPFFS = "/sys/fs/bpf";
const BPF_MAP_TYPE_PROG_ARRAY = 3;

/** One object of the kernel. */
export interface KernelObject {
  readonly kind: ObjectKind;
  readonly id: number;
}

/** `program 12`, `btf 7`. */
export function nameOf({ kind, id }: KernelObject): string {
  return `${kind} ${id}`;
}

/** With the name that the kernel has for it: `map 12 "counts"`. */
export function describe(object: KernelObject): string {
  const { kind, id } = object;
  if (kind !== "program" && kind !== "map") return nameOf(object);
  try {
    using fd = openById(kind, id);
    const { name } = kind === "map" ? mapInfo(fd.number) : programInfo(fd.number);
    return `${nameOf(object)} "${name}"`;
  } catch (error) {
    if (error instanceof EBPFError) return nameOf(object); // gone by now
    throw error;
  }
}

/**
 * True for a prog_array: the kernel (6.18) never frees one that somebody opens by its id, as
 * `bpftool map show` does, while its last user goes. prog_array_map_clear takes a reference for its
 * deferred work each time, also when that work is pending already. One that a test itself leaves is
 * found by what refers to it: a descriptor, a pin or a program.
 */
export function isLostByKernel({ kind, id }: KernelObject): boolean {
  if (kind !== "map") return false;
  try {
    using fd = openById(kind, id);
    return mapInfo(fd.number).type === BPF_MAP_TYPE_PROG_ARRAY;
  } catch (error) {
    if (error instanceof EBPFError) return false; // gone by now
    throw error;
  }
}

/** True for the BTF of the kernel or of a module: it comes and goes with the module. */
export function isOfKernel({ kind, id }: KernelObject): boolean {
  if (kind !== "btf") return false;
  try {
    using fd = openById(kind, id);
    return btfInfo(fd.number).kernel === true;
  } catch (error) {
    if (error instanceof EBPFError) return false; // gone by now
    throw error;
  }
}

/** Every object on this machine, whoever made it, by name. */
export function kernelObjects(): ReadonlyMap<string, KernelObject> {
  const all = objectKinds.flatMap((kind) => [...walkIds(kind)].map((id) => ({ kind, id })));
  return new Map(all.map((object) => [nameOf(object), object]));
}

/** Every pin, and every folder that has none. */
export function pins(folder = BPFFS): Holdings {
  const found = new Map<string, string>();
  const names = readDirectory(folder);
  if (typeof names === "number") return found; // no bpffs here, or the folder is gone
  for (const path of names.map((name) => `${folder}/${name}`)) {
    const status = statLink(path);
    if (typeof status === "number") continue;
    if (status.kind !== "directory") {
      found.set(`pin ${path}`, `pin ${path}`);
      continue;
    }
    const below = pins(path);
    if (below.size === 0) found.set(`pin folder ${path}`, `empty folder ${path} among the pins`);
    for (const [pin, text] of below) found.set(pin, text);
  }
  return found;
}

/** What is pinned at `path`; null when that is gone, or no object. */
export function pinnedObject(path: string): KernelObject | null {
  const number = libbpf().bpf_obj_get(cString(path));
  if (number < 0) return null;
  using fd = new Fd(number);
  const held = parseFdinfo(readText(`/proc/self/fdinfo/${fd.number}`) ?? "");
  return held === null ? null : { kind: held.kind, id: held.id };
}
