// Which processes hold which BPF objects: one walk of /proc for all of them.
import { open_flags, openFile, readDirectory, readText } from "../../ffi/file.ts";
import { visibleLine } from "../view/text.ts";
import { type HeldKind, type HeldObject, parseFdinfo } from "./fdinfo.ts";
import { ProcReader } from "./proc_reader.ts";

export interface Owner {
  readonly pid: number;
  /** The process's name as it is now; processes choose it, so control characters are escaped. */
  readonly comm: string;
  readonly fd: number;
}

/** One descriptor, and what it holds. */
interface Holding {
  readonly owner: Owner;
  readonly held: HeldObject;
}

/** Who holds what at one moment. */
export class Owners {
  readonly #holdings: readonly Holding[];
  readonly #byObject: ReadonlyMap<string, readonly Holding[]>;

  /** @param complete false when the host has more descriptors than could be looked at in time */
  constructor(holdings: readonly Holding[], readonly complete: boolean) {
    this.#holdings = holdings;
    this.#byObject = Map.groupBy(holdings, ({ held }) => `${held.kind}:${held.id}`);
  }

  /** The holders of one object by rising pid; empty when only a pin, a link or a program does. */
  of(kind: HeldKind, id: number): readonly Owner[] {
    return this.#byObject.get(`${kind}:${id}`)?.map(({ owner }) => owner) ?? [];
  }

  /** What one process holds, by rising descriptor. */
  heldBy(pid: number): readonly HeldObject[] {
    return this.#holdings.filter(({ owner }) => owner.pid === pid).map(({ held }) => held);
  }
}

/** The walk holds the event loop: after this it ends, and says that it did. */
const PATIENCE_MS = 250;

/** Names of the files behind BPF descriptors: bpf-map, bpf-prog, bpf_link, bpf-link, btf. */
const BPF_FILE = /^anon_inode:\[?(bpf|btf)/;

/**
 * Walks the descriptors of every process that we may look into (all with CAP_SYS_PTRACE); what
 * vanishes meanwhile is left out. Takes 7 us for each descriptor of BPF, 4 us for each other.
 */
export function readOwners(): Owners {
  const reader = new ProcReader();
  const holdings: Holding[] = [];
  const deadline = performance.now() + PATIENCE_MS;
  const complete = processIds().every((pid) => readHoldings(pid, reader, deadline, holdings));
  return new Owners(holdings, complete);
}

/** Adds what one process holds; false when the time is over. */
function readHoldings(
  pid: number,
  reader: ProcReader,
  deadline: number,
  holdings: Holding[],
): boolean {
  const opened = openFile(`/proc/${pid}/fd`, open_flags.O_RDONLY);
  if (typeof opened === "number") return true; // gone, or not ours to look into
  using links = opened;
  const openedInfos = openFile(`/proc/${pid}/fdinfo`, open_flags.O_RDONLY);
  if (typeof openedInfos === "number") return true;
  using infos = openedInfos;
  let comm: string | null = null;
  // who holds one object of BPF holds the next beside it: then the link tells nothing new
  let expected = false;
  for (const fd of numericNames(`/proc/${pid}/fd`).sort((a, b) => a - b)) {
    if (performance.now() > deadline) return false;
    const name = String(fd);
    if (!expected && !BPF_FILE.test(reader.link(links, name) ?? "")) continue;
    const held = parseFdinfo(reader.text(infos, name) ?? "");
    expected = held !== null;
    if (held === null) continue;
    comm ??= readComm(pid);
    holdings.push({ owner: { pid, comm, fd }, held });
  }
  return true;
}

/** The processes that exist now, by rising pid. */
export function processIds(): number[] {
  return numericNames("/proc").sort((a, b) => a - b);
}

function readComm(pid: number): string {
  return visibleLine(readText(`/proc/${pid}/comm`) ?? "");
}

function numericNames(directory: string): number[] {
  const names = readDirectory(directory);
  if (typeof names === "number") return []; // gone, or not ours to look into
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}
