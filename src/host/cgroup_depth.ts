// How deep a mount of cgroup2 begins in the kernel's own tree. In a cgroup namespace, and where a
// single group is mounted, the root that is seen there is not the kernel's.
import { readText, statPath } from "../../ffi/file.ts";

/** What the depth follows from. */
export interface DepthFacts {
  /** The text of /proc/self/mountinfo. */
  readonly mountinfo: string;
  /** The text of /proc/PID/cgroup of a kernel thread; null where none is seen. */
  readonly kernelThread: string | null;
  /** The inode of a folder; null when it cannot be looked at. */
  inode(path: string): bigint | null;
}

/** The kernel's own root, on every kernel. */
const ROOT_INODE = 1n;
const MAX_BYTES = 4 << 20;
/** kthreadd, where the initial pid namespace is seen. */
const KTHREADD = 2;
const PF_KTHREAD = 0x0020_0000;

export function readDepthFacts(): DepthFacts {
  return {
    mountinfo: readText("/proc/self/mountinfo", MAX_BYTES) ?? "",
    kernelThread: isKernelThread(readText(`/proc/${KTHREADD}/stat`) ?? "")
      ? readText(`/proc/${KTHREADD}/cgroup`)
      : null,
    inode(path) {
      const status = statPath(path);
      return typeof status === "number" ? null : status.inode;
    },
  };
}

/**
 * Levels between the kernel's root and the group that is seen at `mount`; null when nothing here
 * tells: in a cgroup namespace without kernel threads in sight.
 */
export function mountDepth(mount: string, facts: DepthFacts): number | null {
  if (facts.inode(mount) === ROOT_INODE) return 0;
  const mounts = cgroupMounts(facts.mountinfo);
  const own = mounts.findLast(({ path }) => path === mount);
  const namespace = namespaceDepth(mounts, facts);
  return own === undefined || namespace === null ? null : namespace + below(own.root);
}

/** How deep the root of our cgroup namespace is. A kernel thread is always in the kernel's root. */
function namespaceDepth(mounts: readonly CgroupMount[], facts: DepthFacts): number | null {
  const thread = /^0::(\/.*)$/m.exec(facts.kernelThread ?? "")?.[1];
  if (thread !== undefined) return -below(thread);
  const whole = mounts.find(({ path }) => facts.inode(path) === ROOT_INODE);
  return whole === undefined ? null : -below(whole.root);
}

interface CgroupMount {
  /** Which group is mounted, as seen from the namespace's root: `/`, `/a/b`, `/../..`. */
  readonly root: string;
  readonly path: string;
}

/** @see proc_pid_mountinfo(5) */
function cgroupMounts(mountinfo: string): CgroupMount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ", 2);
    const [, , , root, path] = before.split(" ");
    if (root === undefined || path === undefined || !after.startsWith("cgroup2 ")) return [];
    return [{
      root,
      path: path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => {
        return String.fromCharCode(parseInt(octal, 8));
      }),
    }];
  });
}

/** Levels from the namespace's root down to `path`; negative for what is above it. */
function below(path: string): number {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.reduce((depth, part) => part === ".." ? depth - 1 : depth + 1, 0);
}

/** The flags are the seventh field behind the name, which may hold spaces and parentheses. */
function isKernelThread(stat: string): boolean {
  const flags = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[6];
  return (Number(flags) & PF_KTHREAD) !== 0;
}
