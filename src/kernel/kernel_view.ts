// The kernel's BPF objects as it lists them, whoever made them. One instance for the process.
import { type BtfInfo, btfInfo } from "./btf_info.ts";
import { BtfNames } from "./btf_names.ts";
import { KernelFeatures } from "./features/features.ts";
import { type Footprint, LateFootprint } from "./footprint.ts";
import { FunctionProgramProbe } from "./function_programs.ts";
import { KernelHooks } from "./hooks/kernel_hooks.ts";
import { visitObjects } from "./ids.ts";
import type { KernelBtf } from "./kernel_btf.ts";
import { KernelTypes } from "./kernel_types.ts";
import { type LinkInfo, linkInfo } from "./link_info.ts";
import { type MapInfo, MapInfoReader } from "./map_info.ts";
import { KernelNames } from "./names.ts";
import { ObjectLists } from "./object_lists.ts";
import { ObjectRelations } from "./object_relations.ts";
import { Observing } from "./observing.ts";
import { type PinScan, scanPins } from "./pins.ts";
import { ProgramDumps } from "./program_dump.ts";
import { type ProgramInfo, ProgramInfoReader } from "./program_info.ts";

/** The kernel cuts names to this many characters. */
const CUT_NAME_LENGTH = 15;

/** What takes more calls is read when it is first asked: the whole name, and the footprint. */
export type ListedProgram = ProgramInfo & Footprint;
export type ListedMap = MapInfo & Footprint;

export class KernelView {
  readonly names: KernelNames;
  /** What this kernel takes: program types, map types, attach types, calls. */
  readonly features: KernelFeatures;
  /** What is attached where, as far as links do not tell it. */
  readonly hooks: KernelHooks;
  readonly types: KernelTypes;
  /** Whether it takes programs at its functions. */
  readonly functionPrograms: FunctionProgramProbe;
  /** Which objects exist, and word of it when that changes. */
  readonly lists = new ObjectLists();
  /** What hangs together, for whoever watches it. */
  readonly relations = new ObjectRelations(this.lists);
  /** Whether the main job works here. */
  readonly observing = new Observing();
  /** The code of programs. */
  readonly dumps: ProgramDumps;
  readonly #btf: KernelBtf;

  constructor(btf: KernelBtf) {
    this.#btf = btf;
    this.names = new KernelNames(btf);
    this.hooks = new KernelHooks(btf);
    this.features = new KernelFeatures(btf);
    this.types = new KernelTypes(btf);
    this.functionPrograms = new FunctionProgramProbe(btf);
    this.dumps = new ProgramDumps(btf);
  }

  /**
   * Every program by rising id, with its full name where the kernel cut it.
   * @throws permission/not_permitted without CAP_SYS_ADMIN
   */
  programs(): ListedProgram[] {
    const names = new BtfNames(this.#btf);
    const reader = new ProgramInfoReader();
    const programs: ListedProgram[] = [];
    visitObjects("program", (fd) => programs.push(listProgram(reader.read(fd), names)));
    return programs;
  }

  /**
   * Every map by rising id.
   * @throws permission/not_permitted without CAP_SYS_ADMIN
   */
  maps(): ListedMap[] {
    const reader = new MapInfoReader();
    const maps: ListedMap[] = [];
    visitObjects("map", (fd) => maps.push(listMap(reader.read(fd))));
    return maps;
  }

  /**
   * Every link by rising id.
   * @throws permission/not_permitted without CAP_SYS_ADMIN
   * @since Linux 5.8
   */
  links(): LinkInfo[] {
    const links: LinkInfo[] = [];
    visitObjects("link", (fd) => links.push(linkInfo(fd)));
    return links;
  }

  /**
   * Every BTF object by rising id.
   * @throws permission/not_permitted without CAP_SYS_ADMIN
   */
  btfs(): BtfInfo[] {
    const btfs: BtfInfo[] = [];
    visitObjects("btf", (fd) => btfs.push(btfInfo(fd)));
    return btfs;
  }

  /** What is pinned below the mount points of BPF file systems. */
  pins(mountPoints: readonly string[]): PinScan {
    return scanPins(mountPoints);
  }

  /** The function, tracepoint or hook that programs attach to by kernel BTF, by program id. */
  attachNames(programs: readonly ProgramInfo[]): ReadonlyMap<number, string> {
    const names = new BtfNames(this.#btf);
    const found = new Map<number, string>();
    for (const { id, attachBtfObjectId, attachBtfTypeId } of programs) {
      if (attachBtfObjectId === null || attachBtfTypeId === null) continue;
      const name = names.name(attachBtfObjectId, attachBtfTypeId);
      if (name !== null) found.set(id, name.replace(/^(btf_trace_|bpf_lsm_)/, ""));
    }
    return found;
  }
}

function listProgram(info: ProgramInfo, names: BtfNames): ListedProgram {
  const footprint = new LateFootprint("program", info.id);
  let name: string | null = null;
  return {
    ...info,
    get name() {
      return name ??= fullName(info, names);
    },
    get memoryBytes() {
      return footprint.memoryBytes;
    },
    get frozen() {
      return footprint.frozen;
    },
  };
}

function listMap(info: MapInfo): ListedMap {
  const footprint = new LateFootprint("map", info.id);
  return {
    ...info,
    get memoryBytes() {
      return footprint.memoryBytes;
    },
    get frozen() {
      return footprint.frozen;
    },
  };
}

/** The name of the main function, where the kernel's copy is as long as it can be. */
function fullName(info: ProgramInfo, names: BtfNames): string {
  if (info.name.length < CUT_NAME_LENGTH) return info.name;
  if (info.btfId === null || info.functionTypeId === null) return info.name;
  return names.name(info.btfId, info.functionTypeId) ?? info.name;
}
