// What must hold after a soak, each with the figure that says so.
import type { Observed, SoakReport } from "./run.ts";
import type { ServerSize } from "./server_size.ts";

export interface Verdict {
  readonly holds: boolean;
  /** One line, with its figures. */
  readonly text: string;
}

/** What a server may grow by once it is warm. */
const MOST_GROWTH_MIB = 20;
/** While it warms up: so much piles up before the runtime first collects it. */
const MOST_WARMING_MIB = 64;
/** A shorter soak, with fewer looks at a server, is all warm-up. */
const ENOUGH_LOOKS = 8;
/**
 * Of a call that touches neither the kernel nor a file. Twenty busy clients share the CPUs with
 * their servers, and one process with each other, in which each connection compiles the schemas of
 * every tool: 0.3 to 0.8 s on two cores. This finds a server that is stuck, not one that is slow.
 */
const MOST_P99_MS = 2_000;
/** The first looks, up to this share, are warm-up. */
const WARM_UP = 1 / 3;

export function judge(report: SoakReport): Verdict[] {
  const { shared, clients, servers, leaks } = report;
  const { polite, vanish, kill } = clients.ended;
  const work = `${shared.calls} calls in ${clients.cycles} cycles`;
  const ends = `${polite} ended politely, ${vanish} vanished, ${kill} servers were killed`;
  return [
    verdict(clients.failures, `${work}; ${ends}: every answer as it must be`),
    { holds: shared.calls > 0 && vanish > 0 && kill > 0, text: "all kinds of end occurred" },
    accounted(report),
    latency(report),
    ...servers.flatMap((server) => [descriptors(server), resident(server), emptied(server)]),
    verdict(leaks, "nothing is left: no descriptor, process, program, map, link, BTF or pin"),
  ];
}

function verdict(problems: readonly string[], text: string): Verdict {
  return { holds: problems.length === 0, text: [text, ...problems].join("\n  not so: ") };
}

function accounted({ shared: { account } }: SoakReport): Verdict {
  const { streams, attempted, received, returned, filtered, droppedOurs, droppedKernel } = account;
  const sum = returned + filtered + droppedOurs;
  return {
    holds: streams > 0 && received + droppedKernel === attempted && received === sum,
    text: `${attempted} events in ${streams} streams: ${received} received and ${droppedKernel} ` +
      `dropped by the kernel; of these ${returned} returned, ${filtered} filtered, ` +
      `${droppedOurs} dropped by us: each accounted for`,
  };
}

function latency({ shared: { latencies } }: SoakReport): Verdict {
  const shown = (ms: number) => `${ms.toFixed(1)} ms`;
  const p99 = latencies.quantileMs(0.99);
  return {
    holds: latencies.count > 0 && p99 <= MOST_P99_MS,
    text: `a cheap call, ${latencies.count} times: p50 ${shown(latencies.quantileMs(0.5))}, p99 ` +
      `${shown(p99)} (at most ${MOST_P99_MS} ms), longest ${shown(latencies.longestMs)}`,
  };
}

/** Without the looks of the warm-up, the first at least. */
function warm({ sizes }: Observed): readonly ServerSize[] {
  const first = Math.min(Math.max(1, Math.floor(sizes.length * WARM_UP)), sizes.length - 1);
  return sizes.slice(first);
}

function descriptors(server: Observed): Verdict {
  const counts = warm(server).map((size) => size.descriptors);
  const [first = 0] = counts;
  return {
    holds: counts.every((count) => count <= first),
    text: `${server.name}: descriptors at rest ${counts.join(" ")}`,
  };
}

/** Medians over the looks' halves, because the heap is larger before a collection than after. */
function resident(server: Observed): Verdict {
  const sizes = warm(server).map(({ residentMiB }) => residentMiB);
  const half = Math.ceil(sizes.length / 2);
  const start = median(sizes.slice(0, half));
  const growth = median(sizes.slice(-half)) - start;
  const isShort = server.sizes.length < ENOUGH_LOOKS;
  const most = isShort ? MOST_WARMING_MIB : MOST_GROWTH_MIB;
  return {
    holds: growth <= most,
    text: `${server.name}: RSS at rest ${sizes.map((size) => size.toFixed(0)).join(" ")} MiB ` +
      `(${growth.toFixed(1)} more, at most ${most})`,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function emptied({ name, sizes }: Observed): Verdict {
  const objects = sizes.map((size) => size.objects);
  return {
    holds: objects.every((count) => count === 0),
    text: `${name}: BPF objects held at rest ${objects.join(" ")}`,
  };
}
