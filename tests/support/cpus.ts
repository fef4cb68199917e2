// The CPUs of this machine, as the kernel counts them: a container's share may be less.

/** Numbers of the CPUs that are online. */
export function onlineCpus(): number[] {
  const list = Deno.readTextFileSync("/sys/devices/system/cpu/online").trim();
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
