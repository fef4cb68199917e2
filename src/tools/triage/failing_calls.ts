// System calls that fail: errors that end work, and usual ones in unusual numbers.
import { errnoName, errnoNumber } from "../../errno.ts";
import { observeFailedCalls } from "../../gadgets/observation.ts";
import { errnoMeaning } from "../../view/errno_meaning.ts";
import { type FailureGroup, groupFailures } from "../errors/failure_groups.ts";
import { failureRow } from "../errors/failure_row.ts";
import { describeWho } from "../who.ts";
import { commFilter } from "./comm_filter.ts";
import { type Finding, scoreOf } from "./finding.ts";
import { perSecond } from "./gadget_look.ts";
import type { Look, LookContext } from "./look.ts";

/** What no healthy program runs into: a resource is used up, or a device is broken. */
const HARD: ReadonlySet<string> = new Set([
  ...["EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE", "ENOMEM", "EUCLEAN", "ESTALE"],
  ...["EADDRNOTAVAIL", "ENOBUFS", "ENODEV", "EREMOTEIO", "EOVERFLOW", "ETXTBSY"],
]);
/** Per second: so many failures of a kind are common. */
const usual = { hard: 0.05, odd: 2, routine: 5_000 } as const;
const base = { hard: 60, odd: 30, routine: 30 } as const;
const most = 8;

export const failingCalls: Look = {
  name: "trace_errors",
  area: "errors",
  async take(context) {
    const { session, watch } = context;
    const { rows, dropped, cost, seconds } = await observeFailedCalls(session, watch);
    const groups = groupFailures(rows.filter(({ pid }) => pid !== Deno.pid));
    const findings = groups
      .map((group) => ({ group, score: scoreGroup(group, seconds) }))
      .sort((one, other) => other.score - one.score)
      .slice(0, most)
      .map(({ group, score }) => finding(group, score, { ...context, seconds }));
    return { findings, dropped, cpuPercent: cost?.cpuPercent ?? null };
  },
};

function scoreGroup({ syscall, errno, count }: FailureGroup, seconds: number): number {
  const name = errnoName(errno);
  const kind = HARD.has(name) ? "hard" : errnoMeaning(syscall, name)?.routine ? "routine" : "odd";
  return scoreOf(count / seconds, usual[kind], base[kind]);
}

function finding(
  group: FailureGroup,
  score: number,
  context: LookContext & { readonly seconds: number },
): Finding {
  const { enrichment } = context.host;
  const { pid, comm, uid, cgroupId, syscall, errno, count } = group;
  const residence = enrichment.groups([cgroupId]).get(cgroupId);
  const row = failureRow(
    group,
    describeWho(enrichment, { pid, comm, uid, residence }),
    (port) => enrichment.service(port, "tcp"),
  );
  const rate = perSecond(count, context.seconds);
  return {
    area: "errors",
    score,
    what: `${syscall} fails with ${errnoName(errno)} in "${comm}", ${count} times (${rate}/s)`,
    evidence: { ...row, per_second: rate },
    confidence: count >= 10 ? "high" : "medium",
    next: { tool: "trace_errors", arguments: closerLook(group) },
  };
}

/** Filters by what has a name; errors of the kernel's own and calls that are too new have none. */
export function closerLook({ comm, pid, syscall, errno }: FailureGroup): Record<string, unknown> {
  const name = errnoName(errno);
  return {
    ...(commFilter(comm) ?? { pid }),
    ...(/^\w+$/.test(syscall) ? { syscalls: [syscall] } : {}),
    ...(errnoNumber(name) === errno ? { errnos: [name] } : {}),
  };
}
