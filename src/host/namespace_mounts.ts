// Network namespaces that are kept by a mount: what `ip netns add` and container runtimes make.

export interface NamespaceMount {
  readonly inode: number;
  readonly path: string;
}

/** The mounts of network namespaces in a mountinfo file. @see proc_pid_mountinfo(5) */
export function parseNamespaceMounts(mountinfo: string): NamespaceMount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ", 2);
    if (!after.startsWith("nsfs ")) return [];
    const [, , , root = "", path = ""] = before.split(" ");
    const inode = /^net:\[(\d{1,15})\]$/.exec(root)?.[1];
    return inode === undefined || path === "" ? [] : [{ inode: Number(inode), path: plain(path) }];
  });
}

/** Space, tab, newline and backslash are written as three octal digits. */
function plain(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => {
    return String.fromCharCode(parseInt(digits, 8));
  });
}
