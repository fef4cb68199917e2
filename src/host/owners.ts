// Which processes hold which BPF objects: one walk of /proc for all of them.
import type { Fd } from "../../ffi/fd.ts";
import { open_flags, openFile, readEntries } from "../../ffi/file.ts";
import type { Slices } from "../slices.ts";
import { type HeldKind, heldKinds, type HeldObject, parseFdinfo } from "./fdinfo.ts";
import { ProcReader } from "./proc_reader.ts";
import { processIds } from "./process_ids.ts";
import { processName } from "./process_name.ts";

export interface Owner {
  readonly pid: number;
  /** The process's name as it is now; processes choose it, so control characters are escaped. */
  readonly comm: string;
  readonly fd: number;
}

/** Holders by the kernel's id of what they hold. */
type Holders = Readonly<Record<HeldKind, Map<number, Owner[]>>>;

/** Who holds what at one moment. */
export class Owners {
  readonly #holders: Holders;

  /**
   * @param complete false when the host has more descriptors than could be looked at in time
   * @param processes every process that exists
   * @param hidden how many of them we may not look into
   */
  constructor(
    holders: Holders,
    readonly complete: boolean,
    readonly processes: readonly number[],
    readonly hidden: number,
  ) {
    this.#holders = holders;
  }

  /** The holders of one object by rising pid; empty when only a pin, a link or a program does. */
  of(kind: HeldKind, id: number): readonly Owner[] {
    return this.#holders[kind].get(id) ?? [];
  }

  /** What these processes hold: objects by kind and id, each with its holders among them. */
  heldBy(pids: ReadonlySet<number>): { object: HeldObject; owners: Owner[] }[] {
    return heldKinds.flatMap((kind) => {
      return [...this.#holders[kind]].sort(([a], [b]) => a - b).flatMap(([id, all]) => {
        const owners = all.filter(({ pid }) => pids.has(pid));
        return owners.length === 0 ? [] : { object: { kind, id }, owners };
      });
    });
  }
}

const EPERM = 1;
const EACCES = 13;
/** Descriptors between two looks at the clock, and two slices. */
const STRIDE = 64;

/** Names of the files behind BPF descriptors: bpf-map, bpf-prog, bpf_link, bpf-link, btf. */
const BPF_FILE = /^anon_inode:\[?(bpf|btf)/;

/**
 * Walks the descriptors of every process that we may look into (all with CAP_SYS_PTRACE); what
 * vanishes meanwhile is left out. Takes 7 us for each descriptor of BPF, 4 us for each other.
 *
 * @param deadline of `performance.now()`: after it the walk ends, and says that it did
 */
export function* readOwners(deadline: number): Slices<Owners> {
  const reader = new ProcReader();
  const holders: Holders = { program: new Map(), map: new Map(), link: new Map(), btf: new Map() };
  const processes = processIds();
  let hidden = 0;
  for (const pid of processes) {
    const looked = performance.now() > deadline
      ? "late"
      : yield* addHoldings(pid, reader, deadline, holders);
    if (looked === "late") return new Owners(holders, false, processes, hidden);
    if (looked === "hidden") hidden++;
    yield;
  }
  return new Owners(holders, true, processes, hidden);
}

/** Adds what one process holds. */
function* addHoldings(
  pid: number,
  reader: ProcReader,
  deadline: number,
  holders: Holders,
): Slices<"seen" | "hidden" | "late"> {
  const opened = openFile(`/proc/${pid}/fd`, open_flags.O_RDONLY);
  if (typeof opened === "number") return isRefusal(opened) ? "hidden" : "seen"; // gone
  using links = opened;
  using owned = new DisposableStack();
  const names = readEntries(links);
  let infos: Fd | null = null; // most processes hold nothing of BPF
  let comm: string | null = null;
  // who holds one object of BPF holds the next beside it: then the link tells nothing new
  let expected = false;
  for (const [index, name] of typeof names === "number" ? [] : names.entries()) {
    if (index % STRIDE === STRIDE - 1) {
      yield;
      if (performance.now() > deadline) return "late";
    }
    if (!expected) {
      const link = reader.link(links, name);
      if (isRefusal(link)) return "hidden"; // root may list what it may not look into
      if (typeof link === "number" || !BPF_FILE.test(link)) continue;
    }
    if (infos === null) {
      const folder = openFile(`/proc/${pid}/fdinfo`, open_flags.O_RDONLY);
      if (typeof folder === "number") return "seen";
      infos = owned.use(folder);
    }
    const held = parseFdinfo(reader.text(infos, name) ?? "");
    expected = held !== null;
    if (held === null) continue;
    comm ??= processName(pid);
    const owner = { pid, comm, fd: Number(name) };
    const others = holders[held.kind].get(held.id);
    if (others === undefined) holders[held.kind].set(held.id, [owner]);
    else others.push(owner);
  }
  return "seen";
}

function isRefusal(result: string | number): boolean {
  return result === EACCES || result === EPERM;
}
