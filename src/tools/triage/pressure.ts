// Whether tasks had to wait for a CPU, for memory or for disks, as the kernel itself sums it up.
import { EBPFError } from "../../errors.ts";
import type { PressureResource } from "../../host/pressure.ts";
import type { Area, Finding } from "./finding.ts";
import type { Look } from "./look.ts";

interface Weight {
  readonly resource: PressureResource;
  readonly area: Area;
  /** Percent of the time in which some task waited, from which on it is noticed. */
  readonly usual: number;
  readonly gadget: string;
}

const weights: readonly Weight[] = [
  { resource: "cpu", area: "cpu", usual: 50, gadget: "run_queue_latency" },
  { resource: "io", area: "disk", usual: 20, gadget: "syscall_latency" },
  { resource: "memory", area: "memory", usual: 5, gadget: "oom_kill" },
];
const US_PER_SECOND = 1e6;

export const pressure: Look = {
  name: "pressure",
  area: "cpu",
  async take({ host, watch }) {
    const [before, began] = [host.pressure(), performance.now()];
    if (Object.keys(before).length === 0) {
      throw new EBPFError("kernel", "feature_missing", "there is no /proc/pressure (CONFIG_PSI)");
    }
    watch.begun();
    await watch.over;
    const after = host.pressure();
    const seconds = (performance.now() - began) / 1000;
    const findings = weights.flatMap(({ resource, area, usual, gadget }): Finding[] => {
      const waited = (after[resource] ?? NaN) - (before[resource] ?? NaN);
      const share = Math.min(100, waited / (seconds * US_PER_SECOND) * 100);
      if (!(share >= usual)) return [];
      return [{
        area,
        score: Math.round(30 + 50 * (share - usual) / (100 - usual)),
        what: `for ${share.toFixed(0)}% of the time some task waited for ${wordOf(resource)}`,
        evidence: { resource, some_percent: Number(share.toFixed(1)) },
        confidence: "high",
        next: { tool: "run_gadget", arguments: { gadget } },
      }];
    });
    return { findings, dropped: 0, cpuPercent: null };
  },
};

function wordOf(resource: PressureResource): string {
  return resource === "cpu" ? "a CPU" : resource === "io" ? "a disk" : "memory";
}
