// trace_errors: which system calls fail, for whom, how often, and what that usually means.
import * as z from "zod";
import { countFailedCalls } from "../gadgets/failed_calls.ts";
import { pageOf } from "../view/page.ts";
import { defineTool, type RequestContext } from "./define_tool.ts";
import { groupFailures } from "./errors/failure_groups.ts";
import { failureRow, failureRowShape } from "./errors/failure_row.ts";
import { describeWho } from "./who.ts";

const most = { duration_ms: 600_000, top: 200, names: 32 } as const;

/** JSON of the answer besides its rows. */
const FRAME_BYTES = 400;
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
  }),
  output: z.object({
    duration_ms: z.number(),
    failed: z.int().describe("= the counts of rows + others + dropped"),
    rows: z.array(failureRowShape),
    total: z.int().describe("rows there are"),
    truncated: z.boolean(),
    next_cursor: z.null(),
    others: z.int().describe("failures in rows that are not shown"),
    dropped: z.int().describe("failures that found no room"),
    missed_runs: z.int().nullable().describe("exits that the kernel did not show us"),
  }),
  async run({ duration_ms, syscalls, errnos, top, ...params }, { session, host, request }) {
    let counted = 0;
    const filters = { params, syscalls, errnos };
    const { rows, dropped, missedRuns } = await countFailedCalls(session, filters, async () => {
      const began = performance.now();
      await wait(duration_ms, request);
      counted = performance.now() - began;
    }, request.signal);
    const groups = groupFailures(rows);
    const { enrichment } = host;
    const homes = enrichment.groups(groups.map(({ cgroupId }) => cgroupId));
    const budget = { limit: top, byteBudget: request.byteBudget - FRAME_BYTES };
    const shown = pageOf("trace_errors", groups, budget, (group) => {
      const { pid, comm, uid, cgroupId } = group;
      const residence = homes.get(cgroupId);
      return failureRow(group, describeWho(enrichment, { pid, comm, uid, residence }));
    });
    const all = sum(groups);
    return {
      duration_ms: Math.round(counted),
      failed: all + dropped,
      rows: shown.items,
      total: shown.total,
      truncated: shown.truncated,
      next_cursor: null,
      others: all - sum(shown.items),
      dropped,
      missed_runs: missedRuns,
    };
  },
});

function sum(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}

/** Returns after `ms` and tells how far it is; throws the signal's reason when it aborts. */
async function wait(ms: number, { signal, progress }: RequestContext): Promise<void> {
  for (let done = 0; done < ms; done += PROGRESS_MS) {
    await progress("counting failing system calls", done, ms);
    await sleep(Math.min(PROGRESS_MS, ms - done), signal);
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
  });
}
