// Pressure stall information: for how long tasks waited for a CPU, for memory, for disks.
// (Documentation/accounting/psi.rst)
import { readText } from "../../ffi/file.ts";

export const pressureResources = ["cpu", "io", "memory"] as const;
export type PressureResource = typeof pressureResources[number];

/** Microseconds since the start of the host in which at least one task waited. */
export type Pressure = Readonly<Partial<Record<PressureResource, number>>>;

/**
 * What this kernel tells; empty before Linux 4.20, without CONFIG_PSI and with psi=0.
 * @since Linux 4.20
 */
export function readPressure(): Pressure {
  const totals = pressureResources.map((resource) => {
    const text = readText(`/proc/pressure/${resource}`) ?? "";
    return [resource, Number(/^some .*\btotal=(\d+)/m.exec(text)?.[1])] as const;
  });
  return Object.fromEntries(totals.filter(([, total]) => Number.isFinite(total)));
}
