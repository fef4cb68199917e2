// eBPF programs of anybody that take a noticeable part of a CPU.
import { exactInteger } from "../../btf/value.ts";
import { EBPFError } from "../../errors.ts";
import { type Finding, scoreOf } from "./finding.ts";
import type { Look, LookContext } from "./look.ts";

/** Percent of one CPU. */
const usualShare = 1;
const NS_PER_SECOND = 1e9;
const most = 3;

export const busyPrograms: Look = {
  name: "inspect_state",
  area: "bpf",
  async take(context) {
    const { kernel, session, watch } = context;
    using hold = session.services.runStatistics.hold();
    if (hold.refusal !== null) throw new EBPFError("permission", "not_permitted", hold.refusal);
    const before = new Map(kernel.programs().map(({ id, runTimeNs }) => [id, runTimeNs ?? 0n]));
    const began = performance.now();
    watch.begun();
    await watch.over;
    const seconds = (performance.now() - began) / 1000;
    const ours = ownPrograms(context);
    const findings = kernel.programs()
      .filter(({ id }) => !ours.has(id) && before.has(id))
      .map(({ id, name, runTimeNs, runCount }): Finding => {
        const spentNs = Number((runTimeNs ?? 0n) - (before.get(id) ?? 0n));
        const share = spentNs / (seconds * NS_PER_SECOND) * 100;
        return {
          area: "bpf",
          score: scoreOf(share, usualShare),
          what: `eBPF program ${id} "${name}" takes ${share.toFixed(1)}% of a CPU`,
          evidence: {
            program_id: id,
            name,
            cpu_percent: Number(share.toFixed(2)),
            run_count: exactInteger(runCount ?? 0n),
          },
          confidence: "high",
          next: { tool: "inspect_state", arguments: { graph: { program_id: id } } },
        };
      });
    findings.sort((one, other) => other.score - one.score);
    return { findings: findings.slice(0, most), dropped: 0, cpuPercent: null };
  },
};

function ownPrograms({ session }: LookContext): ReadonlySet<number> {
  const programs = session.objects.values().flatMap((object) => object.programs);
  return new Set(programs.map(({ info }) => info.id));
}
