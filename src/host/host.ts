// What tools may ask of the host. One instance for the whole process. What is kept (the functions
// of the kernel, the list of tracepoints) is kept until the host says something else.
import { atOnce, type Slices } from "../slices.ts";
import { cgroupPaths } from "./cgroups.ts";
import { CgroupTree } from "./cgroup_tree.ts";
import { Containers } from "./containers.ts";
import { Enrichment } from "./enrichment/enrichment.ts";
import { interfaceName } from "./interfaces.ts";
import { KernelSymbols } from "./kernel_symbols.ts";
import { type Mount, readMounts } from "./mounts.ts";
import { NetworkNamespaces } from "./network_namespaces.ts";
import { type Owners, readOwners } from "./owners.ts";
import { Surroundings } from "./surroundings.ts";
import { Tracefs } from "./tracefs.ts";
import { type Pressure, readPressure } from "./pressure.ts";
import { type PerfDescriptors, readPerfDescriptors } from "./perf_descriptors.ts";
import { processName } from "./process_name.ts";
import { readBootTime, readSystem, statisticsEnabled, type System } from "./system.ts";

/** How long a walk of every process may hold the event loop. */
const PATIENCE_MS = 700;

export class Host {
  /** Configuration, namespaces, filters, and which of the kernel's files may be read. */
  readonly surroundings = new Surroundings();

  /** Tracepoints and their descriptions. */
  readonly tracefs = new Tracefs();

  /** The kernel's functions, and what is at its addresses. */
  readonly symbols = new KernelSymbols(this.tracefs);

  /** Where processes live: containers, pods and units. */
  readonly containers = new Containers();

  /** Every control group that is mounted here. */
  readonly cgroupTree = new CgroupTree();

  /** What the numbers in events stand for: processes, users, groups, containers, services. */
  readonly enrichment = new Enrichment();

  /** The network namespaces, and what is in them. */
  readonly networkNamespaces = new NetworkNamespaces();

  /** Which processes hold which BPF objects now; it holds the event loop, for 700 ms at most. */
  owners(): Owners {
    return atOnce(readOwners(performance.now() + PATIENCE_MS));
  }

  /** The same until a moment of `performance.now()`. */
  ownersUntil(deadline: number): Slices<Owners> {
    return readOwners(deadline);
  }

  /** Which processes hold perf events now, as far as there is time. */
  perfDescriptorsUntil(deadline: number): Slices<PerfDescriptors> {
    return readPerfDescriptors(deadline);
  }

  /** Kernel, settings, mounts, and what this process may do. */
  system(): System {
    return readSystem();
  }

  /** The file systems that BPF work needs. */
  mounts(): Mount[] {
    return readMounts();
  }

  /** For how long tasks waited for CPUs, memory and disks, since the start of the host. */
  pressure(): Pressure {
    return readPressure();
  }

  /** When the kernel started, in milliseconds since the epoch, exact to a second. */
  bootedAtMs(): number | null {
    return readBootTime();
  }

  /** Whether run counts are kept; null when it cannot be told. */
  statisticsEnabled(): boolean | null {
    return statisticsEnabled();
  }

  /** What a process calls itself; "" when there is none of this pid. */
  processName(pid: number): string {
    return processName(pid);
  }

  /** The name of an interface of our network namespace, or null. */
  interfaceName(ifindex: number): string | null {
    return interfaceName(ifindex);
  }

  /** Paths of control groups by id. */
  cgroupPaths(wanted: ReadonlySet<bigint>): ReadonlyMap<bigint, string> {
    return cgroupPaths(readMounts(), wanted);
  }
}
