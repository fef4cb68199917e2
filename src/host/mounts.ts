// Where the file systems that BPF work needs are mounted.
import { readText } from "../../ffi/file.ts";

/** The kinds that we look for, under the kernel's names. */
export const mountTypes = [
  "bpf",
  "tracefs",
  "debugfs",
  "cgroup2",
  "securityfs",
] as const;
export type MountType = typeof mountTypes[number];

export interface Mount {
  readonly type: MountType;
  readonly path: string;
  readonly readOnly: boolean;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** The mounts of this process's mount namespace, in the kernel's order. */
export function readMounts(): Mount[] {
  return parseMountinfo(readText("/proc/self/mountinfo", MAX_BYTES) ?? "");
}

/**
 * The mounts of the wanted kinds in a mountinfo file; a path that is mounted over counts once, with
 * what lies on top. @see proc_pid_mountinfo(5)
 */
export function parseMountinfo(text: string): Mount[] {
  const onTop = new Map<string, { type: string; readOnly: boolean }>();
  for (const line of text.split("\n")) {
    const [before, after] = line.split(" - ", 2);
    const path = before?.split(" ")[4];
    const options = before?.split(" ")[5];
    const [type] = after?.split(" ") ?? [];
    if (path === undefined || options === undefined || type === undefined) continue;
    onTop.delete(path); // so that what was mounted last comes last
    onTop.set(path, { type, readOnly: options.split(",").includes("ro") });
  }
  const mounts: Mount[] = [];
  for (const [path, { type, readOnly }] of onTop) {
    if (isWanted(type)) mounts.push({ type, path: unescapeOctal(path), readOnly });
  }
  return mounts;
}

/** Space, tab, newline and backslash are written as three octal digits. */
function unescapeOctal(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => {
    return String.fromCharCode(parseInt(digits, 8));
  });
}

function isWanted(type: string): type is MountType {
  return mountTypes.some((wanted) => wanted === type);
}
