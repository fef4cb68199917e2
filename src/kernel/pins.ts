// What is pinned below a BPF file system, found by opening every file in it.
import { Fd } from "../../ffi/fd.ts";
import { readDirectory, readLink, statLink } from "../../ffi/file.ts";
import { libbpf } from "../../ffi/library.ts";
import { cString } from "../../ffi/memory.ts";
import { EBPFError } from "../errors.ts";
import { visibleLine } from "../view/text.ts";
import { linkInfo } from "./link_info.ts";
import { mapInfo } from "./map_info.ts";
import { programInfo } from "./program_info.ts";

export interface Pin {
  readonly kind: "program" | "map" | "link";
  readonly id: number;
  /** As this process sees it; control characters are escaped. */
  readonly path: string;
}

export interface PinScan {
  readonly pins: readonly Pin[];
  /** False when the scan ended at its bound of files or depth. */
  readonly complete: boolean;
  /** How many folders and files this process may not open. */
  readonly refused: number;
}

const MAX_FILES = 20_000;
const MAX_DEPTH = 16;
const EPERM = 1;
const EACCES = 13;

/**
 * Opens every file below the folders; symbolic links are not followed, and what cannot be opened
 * or vanishes is left out.
 *
 * @param roots mount points of BPF file systems
 * @since Linux 4.4 @see bpf(2) BPF_OBJ_GET
 */
export function scanPins(roots: readonly string[]): PinScan {
  const pins: Pin[] = [];
  const pending = roots.map((path) => ({ path, depth: 0 }));
  let complete = true;
  let refused = 0;
  for (let seen = 0;; seen++) {
    const next = pending.shift();
    if (next === undefined) return { pins, complete, refused };
    if (seen === MAX_FILES) return { pins, complete: false, refused };
    const status = statLink(next.path);
    if (typeof status === "number") {
      if (isRefusal(status)) refused++;
    } else if (status.kind === "regular") {
      const pin = openPin(next.path);
      if (pin === "refused") refused++;
      else if (pin !== null) pins.push(pin);
    } else if (status.kind === "directory") {
      const found = next.depth === MAX_DEPTH ? "too deep" : entries(next.path, next.depth + 1);
      if (found === "too deep") complete = false;
      else if (found === "refused") refused++;
      else pending.push(...found);
    }
  }
}

function isRefusal(errno: number): boolean {
  return errno === EPERM || errno === EACCES;
}

function entries(path: string, depth: number): { path: string; depth: number }[] | "refused" {
  const names = readDirectory(path);
  if (typeof names === "number") return isRefusal(names) ? "refused" : [];
  return names.sort().map((name) => ({ path: `${path}/${name}`, depth }));
}

/** The object behind a pinned file; null for what is none. */
function openPin(path: string): Pin | "refused" | null {
  const opened = libbpf().bpf_obj_get(cString(path));
  if (opened < 0) return isRefusal(-opened) ? "refused" : null;
  using fd = new Fd(opened);
  const object = identify(fd.number);
  return object === null ? null : { ...object, path: visibleLine(path) };
}

/** Which kind of object a descriptor holds, by the name of its file, and its id. */
export function identify(fd: number): { kind: Pin["kind"]; id: number } | null {
  const file = readLink(`/proc/self/fd/${fd}`) ?? "";
  try {
    if (file.includes("bpf-map")) return { kind: "map", id: mapInfo(fd).id };
    if (file.includes("bpf-prog")) return { kind: "program", id: programInfo(fd).id };
    if (/bpf[-_]link/.test(file)) return { kind: "link", id: linkInfo(fd).id };
    return null;
  } catch (error) {
    if (error instanceof EBPFError) return null; // the kernel tells nothing of it
    throw error;
  }
}
