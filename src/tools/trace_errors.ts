// trace_errors: which system calls fail, for whom, how often, and what that usually means.
import * as z from "zod";
import { countFailedCalls } from "../gadgets/failed_calls.ts";
import { CostMeter } from "../session/cost_meter.ts";
import { pause } from "../slices.ts";
import { pageOf } from "../view/page.ts";
import { type CostAnswer, costAnswer, costShape } from "./cost_answer.ts";
import { defineTool, type RequestContext } from "./define_tool.ts";
import { groupFailures } from "./errors/failure_groups.ts";
import { failureRow, failureRowShape } from "./errors/failure_row.ts";
import { describeWho } from "./who.ts";

const most = { duration_ms: 600_000, top: 200, names: 32 } as const;

/** JSON of the answer besides its rows. */
const FRAME_BYTES = 640;
const PROGRESS_MS = 1_000;

export const traceErrors = defineTool({
  name: "trace_errors",
  title: "Trace failing system calls",
  doc: "Count the system calls that fail for duration_ms: which, for whom, with which errno, on " +
    "what path or address, and what that usually means; most frequent first.",
  toolset: "stream",
  effect: "observe",
  needs: { capability: "CAP_BPF and CAP_PERFMON", kernel: "5.8" },
  limits: { max_duration_ms: most.duration_ms, max_top: most.top },
  maxTimeMs: most.duration_ms + 30_000,
  input: z.strictObject({
    duration_ms: z.int().min(10).max(most.duration_ms).default(5_000),
    pid: z.int().min(1).max(4_194_304).optional(),
    comm: z.string().min(1).max(15).optional(),
    uid: z.int().min(0).max(4_294_967_294).optional(),
    cgroup: z.string().min(1).max(4096).optional(),
    container: z.string().min(1).max(256).optional(),
    syscalls: z.array(z.string().max(64)).max(most.names).optional(),
    errnos: z.array(z.string().max(32)).max(most.names).optional().describe("ENOENT"),
    top: z.int().min(1).max(most.top).default(20),
    max_overhead_percent: z.int().min(1).max(100).default(5),
  }),
  output: z.object({
    duration_ms: z.number(),
    ended_by: z.enum(["duration", "overhead"]).describe("overhead: it cost more than it may"),
    failed: z.int().describe("= the counts of rows + others + dropped"),
    rows: z.array(failureRowShape),
    total: z.int().describe("rows there are"),
    truncated: z.boolean(),
    next_cursor: z.null(),
    others: z.int().describe("failures in rows that are not shown"),
    dropped: z.int().describe("failures that found no room"),
    missed_runs: z.int().nullable().describe("exits that the kernel did not show us"),
    ...costShape,
  }),
  async run(args, { session, host, request }) {
    const { duration_ms, syscalls, errnos, top, max_overhead_percent, ...params } = args;
    const filters = { params, syscalls, errnos };
    let run: Run = { counted: 0, endedBy: "duration", cost: {} };
    const { rows, dropped, missedRuns } = await countFailedCalls(session, filters, async (made) => {
      using owned = new DisposableStack();
      const hold = session.services.runStatistics.hold();
      const meter = owned.use(new CostMeter(made.programs, hold));
      const overhead = new AbortController();
      meter.watch(max_overhead_percent, () => overhead.abort());
      const started = performance.now();
      await wait(duration_ms, request, overhead.signal);
      const endedBy = overhead.signal.aborted ? "overhead" : "duration";
      const counted = performance.now() - started;
      const metered = owned.move();
      return () => {
        using _metered = metered;
        run = { counted, endedBy, cost: costAnswer(meter) };
      };
    }, request.signal);
    const groups = groupFailures(rows);
    const { enrichment } = host;
    const homes = enrichment.groups(groups.map(({ cgroupId }) => cgroupId));
    const budget = { limit: top, byteBudget: request.byteBudget - FRAME_BYTES };
    const shown = pageOf("trace_errors", groups, budget, (group) => {
      const { pid, comm, uid, cgroupId } = group;
      const residence = homes.get(cgroupId);
      return failureRow(
        group,
        describeWho(enrichment, { pid, comm, uid, residence }),
        (port) => enrichment.service(port, "tcp"),
      );
    });
    const all = sum(groups);
    return {
      duration_ms: Math.round(run.counted),
      ended_by: run.endedBy,
      failed: all + dropped,
      rows: shown.items,
      total: shown.total,
      truncated: shown.truncated,
      next_cursor: null,
      others: all - sum(shown.items),
      dropped,
      missed_runs: missedRuns,
      ...run.cost,
    };
  },
});

function sum(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}

interface Run {
  readonly counted: number;
  readonly endedBy: "duration" | "overhead";
  readonly cost: CostAnswer;
}

/**
 * Returns after `ms`, or when `early` aborts, and tells how far it is.
 * @throws the signal's reason when the request's aborts
 */
async function wait(
  ms: number,
  { signal, progress }: RequestContext,
  early: AbortSignal,
): Promise<void> {
  const either = AbortSignal.any([signal, early]);
  for (let done = 0; done < ms && !either.aborted; done += PROGRESS_MS) {
    await progress("counting failing system calls", done, ms);
    await pause(Math.min(PROGRESS_MS, ms - done), either);
  }
  signal.throwIfAborted();
}
