// The kernel's lists of CPUs: "0-3,8,10-11" (Documentation/admin-guide/cputopology.rst).

/** Beyond any kernel's NR_CPUS: CPUs from here on are not believed. */
const mostCpus = 8192;

/** The CPU numbers in a list, as written; null for what is no list. */
export function parseCpuList(list: string): number[] | null {
  const cpus: number[] = [];
  for (const range of list.trim().split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(range);
    if (match === null) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    if (last < first) return null;
    for (let cpu = first; cpu <= Math.min(last, mostCpus - 1); cpu++) cpus.push(cpu);
  }
  return cpus;
}
