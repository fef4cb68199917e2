// Who a process is, beside what an event itself says of it.
import type { Residence } from "../host/containers.ts";
import type { Enrichment } from "../host/enrichment/enrichment.ts";

/** What is asked of the host; `host.enrichment` has it. */
export type Known = Pick<Enrichment, "process" | "user" | "containerName">;

/** What is not known is absent. */
export interface Who {
  readonly user?: string;
  /** The command line, or its beginning; not of a kernel thread. */
  readonly command?: string;
  /** The name that its runtime knows, else `runtime:id`. */
  readonly container?: string;
  readonly image?: string;
  /** `namespace/name`, else the uid. */
  readonly pod?: string;
  readonly unit?: string;
}

/** A process as an event names it. */
export interface Witness {
  readonly pid: number;
  readonly comm: string;
  readonly uid?: number;
  /** Where it lives, by its control group; by default where the process itself is now. */
  readonly residence?: Residence;
}

const MAX_COMMAND = 120;
const SHORT_ID = 12;

/**
 * One that is gone is described by the event alone. The command line is left out when the pid has
 * another name by now: it may be another process's, or the same after an exec.
 */
export function describeWho(enrichment: Known, witness: Witness): Who {
  const facts = enrichment.process(witness.pid);
  const isSame = facts?.comm === witness.comm;
  const uid = witness.uid ?? (isSame ? facts?.uid : null) ?? null;
  const user = uid === null ? null : enrichment.user(uid);
  const command = isSame ? facts?.args.join(" ") ?? "" : "";
  const residence = witness.residence ?? (isSame ? facts?.residence : undefined) ?? {};
  return {
    ...(user === null ? {} : { user }),
    ...(command === "" ? {} : { command: cut(command) }),
    ...whereOf(enrichment, residence),
  };
}

/**
 * The processes that events or rows name by their fields `pid`, `comm`, `uid` and `cgroup_id`, each
 * once, in their order: for an answer that says beside its events who is who.
 * @param most how many at most
 */
export function whoIsWho(
  enrichment: Known & Pick<Enrichment, "groups">,
  events: readonly Readonly<Record<string, unknown>>[],
  most: number,
): (Who & { readonly pid: number; readonly comm: string })[] {
  const named = new Map<number, { comm: string; uid?: number; group: bigint | null }>();
  for (const { pid, comm, uid, cgroup_id } of events) {
    if (named.size === most) break;
    if (typeof pid !== "number" || typeof comm !== "string" || named.has(pid)) continue;
    const group = typeof cgroup_id === "number" || typeof cgroup_id === "string"
      ? BigInt(cgroup_id)
      : null;
    named.set(pid, { comm, group, ...(typeof uid === "number" ? { uid } : {}) });
  }
  const homes = enrichment.groups([...named.values()].flatMap(({ group }) => group ?? []));
  return Array.from(named, ([pid, { group, ...witness }]) => {
    const residence = group === null ? undefined : homes.get(group);
    const who = describeWho(enrichment, { pid, ...witness, residence });
    return { pid, comm: witness.comm, ...who };
  });
}

/** A residence in words. */
export function whereOf(enrichment: Known, { container, pod, unit }: Residence): Who {
  const known = container === undefined ? null : enrichment.containerName(container);
  const name = known?.name ??
    (container === undefined ? null : `${container.runtime}:${container.id.slice(0, SHORT_ID)}`);
  const wholePod = known?.pod ?? pod;
  return {
    ...(name === null ? {} : { container: name }),
    ...(known?.image === undefined ? {} : { image: known.image }),
    ...(wholePod === undefined ? {} : { pod: wholePod }),
    ...(unit === undefined ? {} : { unit }),
  };
}

function cut(text: string): string {
  return text.length <= MAX_COMMAND ? text : `${text.slice(0, MAX_COMMAND - 1)}…`;
}
