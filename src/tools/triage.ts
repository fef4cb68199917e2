// triage: what is wrong with this host, in one call.
import * as z from "zod";
import { EBPFError } from "../errors.ts";
import type { Watch } from "../gadgets/observation.ts";
import { OverheadBudget } from "../gadgets/overhead_budget.ts";
import { pageOf } from "../view/page.ts";
import { defineTool, type RequestContext } from "./define_tool.ts";
import { busyPrograms } from "./triage/busy_programs.ts";
import { failingCalls } from "./triage/failing_calls.ts";
import { areas, findingShape, ranked } from "./triage/finding.ts";
import { hotProcesses } from "./triage/hot_processes.ts";
import { lookWith } from "./triage/gadget_look.ts";
import * as gadgetLooks from "./triage/gadget_looks.ts";
import type { Look, LookContext, Seen } from "./triage/look.ts";
import { pressure } from "./triage/pressure.ts";

const most = { seconds: 60, findings: 20 } as const;
/** JSON of the answer besides its findings. */
const FRAME_BYTES = 2_200;

function allLooks(): readonly Look[] {
  return [
    failingCalls,
    pressure,
    busyPrograms,
    hotProcesses,
    ...Object.values(gadgetLooks).map(lookWith),
  ];
}

const lookShape = z.object({
  source: z.string(),
  area: z.enum(areas),
  cpu_percent: z.number().nullable().describe("of one CPU"),
  dropped: z.int(),
  ended_early: z.boolean().describe("it cost too much"),
});

export const triage = defineTool({
  name: "triage",
  title: "What is wrong with this host",
  doc:
    "Look at the whole host for some seconds with every cheap gadget that can run here: failing " +
    "calls, waits for CPU, retransmits, OOM kills, crashes, process storms, busy eBPF programs. " +
    "Findings by how unusual they are, each with evidence and the next call; none when all is " +
    "ordinary. Start here.",
  toolset: "stream",
  effect: "observe",
  needs: { capability: "CAP_BPF and CAP_PERFMON", kernel: "5.8" },
  limits: { max_seconds: most.seconds },
  maxTimeMs: (most.seconds + 30) * 1_000,
  input: z.strictObject({
    seconds: z.int().min(1).max(most.seconds).default(5),
    focus: z.array(z.enum(areas)).min(1).max(areas.length).optional(),
    max_overhead_percent: z.int().min(1).max(100).default(5)
      .describe("of one CPU, all together"),
  }),
  output: z.object({
    verdict: z.string(),
    findings: z.array(findingShape),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.null(),
    seconds: z.number(),
    looked: z.array(lookShape),
    not_looked: z.array(z.object({ source: z.string(), area: z.enum(areas), why: z.string() })),
  }),
  async run(args, { session, host, kernel, request }) {
    const { seconds, focus = areas } = args;
    const looks = allLooks().filter((look) => look === pressure || focus.includes(look.area));
    const began = performance.now();
    using budget = new OverheadBudget(args.max_overhead_percent);
    const timer = timeOf(seconds, request);
    const watch = { over: timer.over, budget, signal: request.signal };
    const context = { session, host, kernel, watch };
    const taken = await takeAll(looks, context, timer.begin);
    request.signal.throwIfAborted();
    const found = ranked(taken.flatMap(({ seen }) => seen?.findings ?? []))
      .filter(({ area }) => focus.includes(area));
    const page = { limit: most.findings, byteBudget: request.byteBudget - FRAME_BYTES };
    const shown = pageOf("triage", found, page, (finding) => ({ ...finding }));
    return {
      verdict: verdictOf(found.length, taken),
      findings: shown.items,
      total: shown.total,
      truncated: shown.truncated,
      next_cursor: null,
      seconds: Math.round((performance.now() - began) / 100) / 10,
      looked: taken.flatMap(({ look, seen }) =>
        seen === null ? [] : [{
          source: look.name,
          area: look.area,
          cpu_percent: seen.cpuPercent === null ? null : Number(seen.cpuPercent.toFixed(2)),
          dropped: seen.dropped,
          ended_early: budget.stopped.includes(look.name),
        }]
      ),
      not_looked: taken.flatMap(({ look, why }) => {
        return why === null ? [] : [{ source: look.name, area: look.area, why }];
      }),
    };
  },
});

interface Taken {
  readonly look: Look;
  /** Null when it could not be taken, and why. */
  readonly seen: Seen | null;
  readonly why: string | null;
}

/**
 * All at the same time, which begins when all of them have: one gadget is loaded after the other.
 * What cannot run here is told and keeps nobody.
 */
async function takeAll(
  looks: readonly Look[],
  { watch, ...context }: Omit<LookContext, "watch"> & { readonly watch: Omit<Watch, "begun"> },
  begin: () => void,
): Promise<Taken[]> {
  let waiting = looks.length;
  const taking = looks.map(async (look): Promise<Taken> => {
    let isWaiting = true;
    const begun = () => {
      if (isWaiting && --waiting === 0) begin();
      isWaiting = false;
    };
    try {
      const seen = await look.take({ ...context, watch: { ...watch, begun } });
      return { look, seen, why: null };
    } catch (error) {
      if (!(error instanceof EBPFError)) throw error;
      return { look, seen: null, why: error.message };
    } finally {
      begun();
    }
  });
  return await Promise.all(taking);
}

/** The time of all looks; it begins when `begin` is called, and ends at once when cancelled. */
function timeOf(
  seconds: number,
  { signal, progress }: RequestContext,
): { over: Promise<void>; begin: () => void } {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  const begin = () => {
    let left = seconds;
    const tick = () => {
      if (left <= 0 || signal.aborted) {
        clearInterval(timer);
        resolve();
        return;
      }
      void progress("looking at the host", seconds - left, seconds);
      left--;
    };
    const timer = setInterval(tick, 1_000);
    signal.addEventListener("abort", tick, { once: true });
    tick();
  };
  return { over, begin };
}

function verdictOf(findings: number, taken: readonly Taken[]): string {
  const looked = taken.filter(({ seen }) => seen !== null).length;
  if (looked === 0) return "nothing could be looked at: see not_looked";
  if (findings > 0) return findings === 1 ? "one thing is unusual" : `${findings} are unusual`;
  const blind = taken.length - looked;
  return blind === 0
    ? "nothing unusual"
    : `nothing unusual in ${looked} looks; ${blind} could not be taken`;
}
