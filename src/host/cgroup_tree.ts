// Every control group of the cgroup2 file systems that are mounted here.
import type { Fd } from "../../ffi/fd.ts";
import { open_flags, openFile, readDirectory } from "../../ffi/file.ts";
import { cString } from "../../ffi/memory.ts";
import { statx } from "../../ffi/layouts/libc.ts";
import { libc } from "../../ffi/library.ts";
import { Struct } from "../../ffi/struct.ts";
import { readMounts } from "./mounts.ts";

export interface ControlGroup {
  /** The kernel's id: the inode of its folder. */
  readonly id: bigint;
  /** Its folder, as it was found; whoever shows it makes it safe. */
  readonly path: string;
  /** A descriptor of the folder, open until the next group is asked for. */
  readonly fd: number;
}

const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
/** Links of a folder in which there is no other: its name, and the dot in it. */
const LEAF_LINKS = 2;

export class CgroupTree {
  /** Where control groups (v2) are mounted. */
  roots(): string[] {
    return readMounts().filter(({ type }) => type === "cgroup2").map(({ path }) => path);
  }

  /** As `walkCgroups`, from every root. */
  walk(): Generator<ControlGroup> {
    return walkCgroups(this.roots());
  }
}

/** Parents before children, each group once; without those that vanish or may not be read. */
export function* walkCgroups(roots: readonly string[]): Generator<ControlGroup> {
  const seen = new Set<bigint>();
  const status = new Struct(statx);
  const pending = roots.toReversed();
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const opened = openFile(path, open_flags.O_RDONLY);
    if (typeof opened === "number") continue;
    using fd = opened;
    const links = folderLinks(fd, status);
    const id = status.bigint("stx_ino");
    if (links === null || seen.has(id)) continue;
    seen.add(id);
    yield { id, path, fd: fd.number };
    if (links > LEAF_LINKS) pending.push(...subfolders(path).reverse());
  }
}

/** How many links a folder has; null for what is no folder. Cheaper than to list each. */
function folderLinks(fd: Fd, status: Struct<keyof typeof statx.fields>): number | null {
  const result = libc().statx(
    fd.number,
    cString(""),
    AT_EMPTY_PATH,
    STATX_BASIC_STATS,
    status.bytes,
  );
  if (result < 0 || (status.number("stx_mode") & S_IFMT) !== S_IFDIR) return null;
  return status.number("stx_nlink");
}

/** Folders are groups; the files in them are those of controllers. */
function subfolders(path: string): string[] {
  const names = readDirectory(path);
  if (typeof names === "number") return [];
  return names.filter((name) => !isInterfaceFile(name)).sort().map((name) => `${path}/${name}`);
}

/** `cgroup.procs`, `memory.max`; a look at it would cost an open that finds no folder. */
function isInterfaceFile(name: string): boolean {
  return /^(cgroup|cpu|cpuset|hugetlb|io|memory|misc|pids|rdma|irq|dmem)\.[a-z0-9_.]+$/i.test(name);
}
