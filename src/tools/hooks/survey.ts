// Everything that is attached on this host, of the kinds that are asked for.
import type { Inventory } from "../inspect/inventory.ts";
import type { Missing } from "../missing.ts";
import { surveyCgroups } from "./cgroup_hooks.ts";
import type { FoundHook } from "./found_hook.ts";
import { type HookKind, kindsOf } from "./hook_kinds.ts";
import { linkHook, unplacedHook } from "./link_hooks.ts";
import { surveySockmaps, surveyStructOps } from "./map_hooks.ts";
import { networkHooks } from "./network_hooks.ts";
import { multiProbes } from "./multi_probes.ts";
import { NetworkLinks } from "./network_links.ts";
import { surveyNetwork } from "./network_survey.ts";
import { surveyPerfEvents } from "./perf_hooks.ts";

/** Places that were looked at; absent where the kinds asked for are not there. */
export interface LookedAt {
  network_namespaces?: number;
  control_groups?: number;
}

export class HookSurvey {
  readonly hooks: FoundHook[] = [];
  readonly missing: Missing[] = [];
  readonly lookedAt: LookedAt = {};
  readonly #inventory: Inventory;
  readonly #wanted: ReadonlySet<HookKind>;
  readonly #matches: (name: string) => boolean;
  /** Links that a survey explains better than they do themselves. */
  readonly #explained = new Set<number>();

  /** @param matches what the target's names are compared with; it spares questions */
  constructor(
    inventory: Inventory,
    wanted: ReadonlySet<HookKind>,
    matches: (name: string) => boolean,
  ) {
    this.#inventory = inventory;
    this.#wanted = wanted;
    this.#matches = matches;
    this.#addNetwork();
    this.#addCgroups("own", kindsOf.cgroup);
    this.#addCgroups("effective", kindsOf.cgroupEffective);
    this.#addPerfEvents();
    this.#addMaps();
    this.#addLinks();
  }

  #addNetwork(): void {
    if (!this.#wants(kindsOf.network)) return;
    const { kernel, host, links } = this.#inventory;
    const { visited, missing } = surveyNetwork({ kernel, host }, this.#wanted);
    const networkLinks = new NetworkLinks(visited, links);
    this.lookedAt.network_namespaces = visited.length;
    this.#add(networkHooks(visited, networkLinks, links, this.#wanted), missing);
    const ambiguous = visited.flatMap(({ interfaces }) => interfaces).flatMap((at) => {
      return at.xdp.flatMap(({ programId }) => networkLinks.xdpLinks(at.index, programId));
    });
    for (const id of ambiguous) this.#explained.add(id);
  }

  #addCgroups(scope: "own" | "effective", kinds: readonly HookKind[]): void {
    if (!this.#wants(kinds)) return;
    const { kernel, host, programs, links } = this.#inventory;
    const isListed = this.#inventory.refusal("programs") === undefined;
    const types = programs.map(({ type }) => kernel.names.programType(type));
    const { hooks, groups, missing } = surveyCgroups({ kernel, host }, {
      scope,
      programTypes: isListed ? new Set(types) : null,
      links,
      matches: this.#matches,
      attachName: (programId) => this.#inventory.attachName(programId),
    });
    this.lookedAt.control_groups = groups;
    this.#add(hooks, missing);
  }

  #addPerfEvents(): void {
    if (!this.#wants(kindsOf.perf)) return;
    const { hooks, explained, missing } = surveyPerfEvents(this.#inventory);
    for (const id of explained) this.#explained.add(id);
    this.#add(hooks, missing);
  }

  #addMaps(): void {
    if (this.#wants(kindsOf.structOps)) this.#add(surveyStructOps(this.#inventory), []);
    if (!this.#wants(kindsOf.sockmap)) return;
    const { hooks, missing } = surveySockmaps(this.#inventory);
    this.#add(hooks, missing);
  }

  /** What no survey has found: the links that are told by themselves, and those out of reach. */
  #addLinks(): void {
    const found = new Set(this.hooks.map(({ linkId }) => linkId));
    const rest = this.#inventory.links.filter(({ id }) =>
      !found.has(id) && !this.#explained.has(id)
    );
    const multi = this.#wanted.has("kprobe") ? multiProbes(this.#inventory) : new Map();
    const hooks = rest.map((link) => {
      return linkHook(link, this.#inventory, multi) ?? unplacedHook(link, this.#inventory);
    });
    this.#add(hooks.filter((hook) => hook !== null), []);
  }

  #add(hooks: readonly FoundHook[], missing: readonly Missing[]): void {
    this.hooks.push(...hooks.filter(({ kind }) => this.#wanted.has(kind)));
    this.missing.push(...missing);
  }

  #wants(kinds: readonly HookKind[]): boolean {
    return kinds.some((kind) => this.#wanted.has(kind));
  }
}
