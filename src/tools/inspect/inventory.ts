// Everything the kernel holds at one moment, and how it hangs together. Each walk is made once, and
// only when somebody asks for what it finds.
import { EBPFError } from "../../errors.ts";
import type { HeldKind } from "../../host/fdinfo.ts";
import type { Host } from "../../host/host.ts";
import type { Owners } from "../../host/owners.ts";
import type { BtfInfo } from "../../kernel/btf_info.ts";
import type { KernelView, ListedMap, ListedProgram } from "../../kernel/kernel_view.ts";
import type { LinkInfo } from "../../kernel/link_info.ts";
import type { Pin } from "../../kernel/pins.ts";
import type { Session } from "../../session/session.ts";
import { atOnce, type Slices } from "../../slices.ts";
import { NetworkLinks, type NetworkPlace } from "../hooks/network_links.ts";
import { surveyNetwork } from "../hooks/network_survey.ts";
import type { Missing } from "../missing.ts";
import { hiddenOwners, type KernelList, refusedList, refusedPins } from "./refusal.ts";

/** The lists that a row of each list tells of. */
const related: Readonly<Record<KernelList, readonly KernelList[]>> = {
  programs: ["programs", "links"],
  maps: ["maps", "programs"],
  links: ["links", "programs"],
  btf: ["btf", "programs", "maps"],
};

/** How long a walk may hold the event loop. */
const PATIENCE_MS = 700;
const networkLinkKinds = new Set(["xdp", "tcx", "netkit"] as const);

/** The pins of the host by what they hold. */
interface Pinned {
  readonly byObject: ReadonlyMap<string, readonly Pin[]>;
  readonly complete: boolean;
  readonly refused: number;
}

export class Inventory {
  readonly kernel: KernelView;
  readonly host: Host;
  readonly session: Session;
  readonly #refused = new Map<KernelList, EBPFError>();
  #programs: readonly ListedProgram[] | null = null;
  #programsById: ReadonlyMap<number, ListedProgram> | null = null;
  #mapsById: ReadonlyMap<number, ListedMap> | null = null;
  #linksById: ReadonlyMap<number, LinkInfo> | null = null;
  #maps: readonly ListedMap[] | null = null;
  #links: readonly LinkInfo[] | null = null;
  #btfs: readonly BtfInfo[] | null = null;
  #owners: Owners | null = null;
  #pinned: Pinned | null = null;
  #attachNames: ReadonlyMap<number, string> | null = null;
  #cgroups: ReadonlyMap<bigint, string> | null = null;
  #linksByProgram: ReadonlyMap<number | null, readonly LinkInfo[]> | null = null;
  #programsByMap: ReadonlyMap<number, readonly ListedProgram[]> | null = null;
  #networkLinks: NetworkLinks | null = null;
  #mine: ReadonlyMap<HeldKind, ReadonlySet<number>> | null = null;

  constructor({ kernel, host, session }: { kernel: KernelView; host: Host; session: Session }) {
    this.kernel = kernel;
    this.host = host;
    this.session = session;
  }

  /** Of all lists: by rising id; empty where the kernel refuses, which `refusal` then tells. */
  get programs(): readonly ListedProgram[] {
    return this.#programs ??= this.#walk("programs", () => this.kernel.programs());
  }

  get maps(): readonly ListedMap[] {
    return this.#maps ??= this.#walk("maps", () => this.kernel.maps());
  }

  get links(): readonly LinkInfo[] {
    return this.#links ??= this.#walk("links", () => this.kernel.links());
  }

  get btfs(): readonly BtfInfo[] {
    return this.#btfs ??= this.#walk("btf", () => this.kernel.btfs());
  }

  /** Makes the walks that rows of these lists take, so that `missing` tells of all of them. */
  walk(lists: readonly KernelList[]): void {
    atOnce(this.walkUntil(lists, performance.now() + PATIENCE_MS));
  }

  /** The same until a moment of `performance.now()`. What was walked once is not walked again. */
  *walkUntil(lists: readonly KernelList[], deadline: number): Slices<void> {
    const read: Readonly<Record<KernelList, () => readonly unknown[]>> = {
      programs: () => this.programs,
      maps: () => this.maps,
      links: () => this.links,
      btf: () => this.btfs,
    };
    for (const list of new Set(lists.flatMap((list) => related[list]))) {
      read[list]();
      yield;
    }
    if (lists.every((list) => this.#refused.has(list))) return;
    yield* this.readHolders(deadline);
    this.#allPins();
    yield;
  }

  /** Why a list that was asked for is empty; undefined when the kernel gave it. */
  refusal(list: KernelList): EBPFError | undefined {
    return this.#refused.get(list);
  }

  /** What could not be had of all that was asked for so far. */
  missing(): Missing[] {
    const hidden = this.#owners?.hidden ?? 0;
    const refused = this.#pinned?.refused ?? 0;
    return [
      ...[...this.#refused].map(([list, error]) => refusedList(list, error)),
      ...(hidden > 0 ? [hiddenOwners(hidden)] : []),
      ...(refused > 0 ? [refusedPins(refused)] : []),
    ];
  }

  program(id: number): ListedProgram | null {
    this.#programsById ??= byId(this.programs);
    return this.#programsById.get(id) ?? null;
  }

  map(id: number): ListedMap | null {
    this.#mapsById ??= byId(this.maps);
    return this.#mapsById.get(id) ?? null;
  }

  link(id: number): LinkInfo | null {
    this.#linksById ??= byId(this.links);
    return this.#linksById.get(id) ?? null;
  }

  /** The links that run a program. */
  linksOf(programId: number): readonly LinkInfo[] {
    this.#linksByProgram ??= Map.groupBy(this.links, (link) => link.programId);
    return this.#linksByProgram.get(programId) ?? [];
  }

  /** The programs that use a map. */
  programsUsing(mapId: number): readonly ListedProgram[] {
    if (this.#programsByMap === null) {
      const uses = this.programs.flatMap((program) => {
        return [...new Set(program.mapIds)].map((id) => ({ id, program }));
      });
      const grouped = Map.groupBy(uses, ({ id }) => id);
      this.#programsByMap = new Map(
        [...grouped].map(([id, users]) => [id, users.map(({ program }) => program)]),
      );
    }
    return this.#programsByMap.get(mapId) ?? [];
  }

  /** Who holds what. */
  get holders(): Owners {
    return this.#owners ??= this.host.owners();
  }

  /** Finds out who holds what, so that `holders` need not: as far as there is time. */
  *readHolders(deadline: number): Slices<void> {
    this.#owners ??= yield* this.host.ownersUntil(deadline);
  }

  /** Paths below every BPF file system. */
  pins(kind: HeldKind, id: number): string[] {
    return (this.#allPins().byObject.get(`${kind}:${id}`) ?? []).map(({ path }) => path);
  }

  /** False when pins were asked for and some were not looked at, because there are too many. */
  get pinsComplete(): boolean {
    return this.#pinned?.complete !== false;
  }

  /** False when owners were asked for and some descriptors of the host were not looked at. */
  get ownersComplete(): boolean {
    return this.#owners?.complete !== false;
  }

  /** True for what this session made. */
  isMine(kind: HeldKind, id: number): boolean {
    this.#mine ??= this.#findMine();
    return this.#mine.get(kind)?.has(id) === true;
  }

  /** The function or tracepoint that a program attaches to by kernel BTF. */
  attachName(programId: number): string | null {
    this.#attachNames ??= this.kernel.attachNames(this.programs);
    return this.#attachNames.get(programId) ?? null;
  }

  /** The folder of a control group that some link is attached to. */
  cgroupPath(id: bigint): string | null {
    if (this.#cgroups === null) {
      const ids = this.links.flatMap(({ target }) => {
        return target.kind === "cgroup" ? target.cgroupId : [];
      });
      this.#cgroups = ids.length === 0 ? new Map() : this.host.cgroupPaths(new Set(ids));
    }
    return this.#cgroups.get(id) ?? null;
  }

  /** Where a link of XDP, tcx or netkit is; null where that cannot be told. */
  networkPlace(linkId: number): NetworkPlace | null {
    const found = this.#networkLinks ?? atOnce(this.#placeLinks(performance.now() + PATIENCE_MS));
    return found.placeOf(linkId);
  }

  *#placeLinks(deadline: number): Slices<NetworkLinks> {
    const { visited } = yield* surveyNetwork(this, networkLinkKinds, deadline);
    return this.#networkLinks = new NetworkLinks(visited, this.links);
  }

  #allPins(): Pinned {
    if (this.#pinned !== null) return this.#pinned;
    const mounts = this.host.mounts().filter(({ type }) => type === "bpf");
    const { pins, ...rest } = this.kernel.pins(mounts.map(({ path }) => path));
    const byObject = Map.groupBy(pins, ({ kind, id }) => `${kind}:${id}`);
    return this.#pinned = { byObject, ...rest };
  }

  #walk<Item>(list: KernelList, read: () => Item[]): Item[] {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof EBPFError)) throw error;
      this.#refused.set(list, error);
      return [];
    }
  }

  #findMine(): ReadonlyMap<HeldKind, ReadonlySet<number>> {
    const objects = this.session.objects.values();
    const programs = objects.flatMap((object) => object.programs.map(({ info }) => info));
    const maps = objects.flatMap((object) => object.maps.map(({ info }) => info));
    const links = this.session.attachments.values().flatMap(({ linkIds }) => linkIds);
    return new Map([
      ["program", new Set(programs.map(({ id }) => id))],
      ["map", new Set(maps.map(({ id }) => id))],
      ["link", new Set(links)],
      ["btf", new Set([...programs, ...maps].flatMap(({ btfId }) => btfId ?? []))],
    ]);
  }
}

function byId<Item extends { readonly id: number }>(
  items: readonly Item[],
): ReadonlyMap<number, Item> {
  return new Map(items.map((item) => [item.id, item]));
}
