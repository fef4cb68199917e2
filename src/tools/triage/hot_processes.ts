// Processes that keep a CPU busy, by samples of what the CPUs run.
import { observeGadget } from "../../gadgets/observation.ts";
import { type Finding, scoreOf } from "./finding.ts";
import { numberOf } from "./gadget_look.ts";
import type { Look } from "./look.ts";

/** Percent of one CPU. */
const usualShare = 80;
const NS_PER_SECOND = 1e9;
const most = 3;
const wish = { gadget: "profile", params: { frequency: 49 } } as const;

export const hotProcesses: Look = {
  name: wish.gadget,
  area: "cpu",
  async take({ session, watch }) {
    const { rows, dropped, cost, seconds } = await observeGadget(session, wish, watch);
    const processes = Map.groupBy(rows, ({ pid, comm }) => `${pid} ${comm}`);
    const findings = Array.from(processes.values(), (samples): Finding => {
      const [{ pid, comm }] = samples;
      const busyNs = samples.reduce((sum, { cpu_ns }) => sum + numberOf(cpu_ns), 0);
      const share = busyNs / (seconds * NS_PER_SECOND) * 100;
      return {
        area: "cpu",
        score: pid === Deno.pid ? 0 : scoreOf(share, usualShare),
        what: `"${comm}" (pid ${pid}) keeps ${share.toFixed(0)}% of a CPU busy`,
        evidence: { pid, comm, cpu_percent: Number(share.toFixed(1)), stacks: samples.length },
        confidence: "high",
        next: { tool: "run_gadget", arguments: { gadget: wish.gadget, params: { pid } } },
      };
    });
    findings.sort((one, other) => other.score - one.score);
    return {
      findings: findings.slice(0, most),
      dropped,
      cpuPercent: cost?.cpuPercent ?? null,
    };
  },
};
