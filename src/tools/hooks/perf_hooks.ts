// Programs on perf events of any process, which have no link: kprobes, uprobes and tracepoints as
// they were all attached before Linux 5.15.
import type { Owner } from "../../host/owners.ts";
import type { PerfAttachment } from "../../kernel/hooks/perf_attachment.ts";
import type { LinkInfo } from "../../kernel/link_info.ts";
import type { Slices } from "../../slices.ts";
import type { Inventory } from "../inspect/inventory.ts";
import type { Missing } from "../missing.ts";
import type { FoundHook } from "./found_hook.ts";
import { fileProbe, functionProbe } from "./link_hooks.ts";

export interface PerfSurvey {
  readonly hooks: readonly FoundHook[];
  /** Links whose kernel tells no target, which these hooks do. */
  readonly explained: ReadonlySet<number>;
  readonly missing: readonly Missing[];
}

interface Found {
  readonly attachment: PerfAttachment;
  readonly holder: Owner;
}

const EPERM = 1;

/**
 * Asks about every perf event that some process holds. One that a link keeps too is left out, for
 * the link tells the same; before Linux 6.6 it does not, and the perf event tells its target.
 *
 * @param deadline of `performance.now()`: after it no process is looked at, and `missing` says so
 */
export function* surveyPerfEvents(inventory: Inventory, deadline: number): Slices<PerfSurvey> {
  const { kernel, host } = inventory;
  const { descriptors, complete } = yield* host.perfDescriptorsUntil(deadline);
  const found: Found[] = [];
  const missing: Missing[] = [];
  for (const holder of descriptors) {
    const attachment = kernel.hooks.ofPerfEvent(holder.pid, holder.fd);
    if (attachment === EPERM) {
      missing.push(refusedMissing(descriptors.length));
      break;
    }
    if (attachment !== null && typeof attachment !== "number") found.push({ attachment, holder });
    yield;
  }
  if (!complete) missing.push(lateMissing());
  yield* inventory.readHolders(deadline); // which tell events of links apart
  const linked = new LinkedEvents(inventory);
  const alone = found.filter((one) => !linked.has(one));
  // a program that is on one event of each CPU, or held by a child too, is one row
  const rows = Map.groupBy(alone, ({ attachment }) => attachmentKey(attachment));
  const programs = [...rows.values()].flatMap(([first]) => first?.attachment.programId ?? []);
  const explained = linked.untoldOf(programs);
  const hooks = [...rows.values()].flatMap((same) => describe(same, programs, linked));
  return { hooks, explained: new Set(explained), missing };
}

/** What the links of perf events run. */
class LinkedEvents {
  readonly #known: ReadonlySet<string>;
  readonly #untold: readonly LinkInfo[];
  /** Processes that hold links of events which tell no program; null when that is not known. */
  readonly #pids: ReadonlySet<number> | null;

  constructor(inventory: Inventory) {
    const { links, kernel } = inventory;
    const events = links.filter(({ type }) => kernel.names.linkType(type) === "perf_event");
    this.#known = new Set(events.map((link) => linkKey(link)));
    this.#untold = events.filter(({ target }) => target.kind === "unknown");
    const nameless = events.filter(({ target: { kind } }) => {
      return kind === "perf_event" || kind === "unknown";
    });
    const holders = nameless.flatMap(({ id }) => inventory.holders.of("link", id));
    const isKnown = nameless.length === 0 || inventory.ownersComplete;
    this.#pids = isKnown ? new Set(holders.map(({ pid }) => pid)) : null;
  }

  /** Whether a link tells it; of a program that is not told, whether its holder has such links. */
  has({ attachment, holder }: Found): boolean {
    if (attachment.programId === null) return this.#pids?.has(holder.pid) !== false;
    return this.#known.has(attachmentKey(attachment));
  }

  /** Links of these programs whose targets the kernel does not tell. */
  untoldOf(programs: readonly number[]): number[] {
    return this.#untold
      .filter(({ programId }) => programId !== null && programs.includes(programId))
      .map(({ id }) => id);
  }
}

function linkKey({ programId, target }: LinkInfo): string {
  switch (target.kind) {
    case "tracepoint":
      return `tracepoint ${programId} ${target.name} 0`;
    case "kprobe":
    case "kretprobe":
      return `${target.kind} ${programId} ${target.name} ${target.offset}`;
    case "uprobe":
    case "uretprobe":
      return `${target.kind} ${programId} ${target.path} ${target.offset}`;
    default:
      return target.kind;
  }
}

function attachmentKey({ kind, programId, name, offset }: PerfAttachment): string {
  if (programId === null) return kind;
  return `${kind} ${programId} ${name} ${kind === "tracepoint" ? 0 : offset}`;
}

function describe(
  same: readonly Found[],
  programs: readonly number[],
  linked: LinkedEvents,
): FoundHook[] {
  const [first] = same;
  if (first === undefined) return [];
  const { attachment: { kind, programId, name, offset }, holder } = first;
  const told = tell(kind, name, offset);
  const links = programId === null ? [] : linked.untoldOf([programId]);
  const isOnly = links.length === 1 && programs.filter((id) => id === programId).length === 1;
  return [{
    ...told,
    fields: {
      ...told.fields,
      ...(same.length > 1 ? { perf_events: same.length } : {}),
      ...(links.length > 0 && !isOnly ? { link_is_one_of: links.join(", ") } : {}),
    },
    programId,
    linkId: isOnly ? links[0] ?? null : null,
    key: [2n ** 32n, holder.pid, holder.fd],
    holders: same.map((found) => found.holder),
  }];
}

function tell(kind: PerfAttachment["kind"], name: string, offset: bigint) {
  switch (kind) {
    case "kprobe":
    case "kretprobe":
      return functionProbe(name, offset, kind === "kretprobe" ? "return" : "entry");
    case "uprobe":
    case "uretprobe":
      return fileProbe(name, offset, kind === "uretprobe" ? "return" : "entry");
    case "perf_event": {
      const place = "an event that the kernel does not tell, nor its program";
      return { kind, place, names: [], fields: {} };
    }
    default:
      return { kind, place: name, names: [name], fields: { name } };
  }
}

function refusedMissing(events: number): Missing {
  return {
    what: `programs on ${events} perf events that have no link`,
    why: "the kernel refuses BPF_TASK_FD_QUERY",
    remedy: "run with CAP_SYS_ADMIN in the initial user namespace",
  };
}

function lateMissing(): Missing {
  return {
    what: "programs on perf events of some processes",
    why: "looking at every open file of this host took too long",
    remedy: "ask again when the host is less busy",
  };
}
