// The kernel's lists of CPUs: "0-3,8,10-11".

/** CPUs in a list; null for what is no list. @see Documentation/admin-guide/cputopology.rst */
export function countCpus(list: string): number | null {
  let count = 0;
  for (const range of list.trim().split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(range);
    if (match === null) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    if (last < first) return null;
    count += last - first + 1;
  }
  return count;
}
