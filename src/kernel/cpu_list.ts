// The kernel's list of CPUs: "0-3,8,10-11" (Documentation/admin-guide/cputopology.rst).
import { readText } from "../../ffi/file.ts";

/** A CPU number beyond any kernel's NR_CPUS: a list that claims more is not believed. */
const mostCpus = 8192;

const ONLINE = "/sys/devices/system/cpu/online";

/** Numbers of the CPUs that are online; of the first alone where that cannot be read. */
export function onlineCpus(): number[] {
  return parseCpuList(readText(ONLINE) ?? "0");
}

/** The CPU numbers in a list, rising as written. Empty for an empty list. */
export function parseCpuList(text: string): number[] {
  const cpus: number[] = [];
  for (const range of text.trim().split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(range);
    if (match === null) continue;
    const first = Number(match[1]);
    const last = Math.min(Number(match[2] ?? first), mostCpus - 1);
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
  }
  return cpus;
}
