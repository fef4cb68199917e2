// Everything that is attached on this host, of the kinds that are asked for.
import type { Slices } from "../../slices.ts";
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

export interface HookQuestion {
  readonly wanted: ReadonlySet<HookKind>;
  /** What the target's names are compared with; it spares questions. */
  matches(name: string): boolean;
  /** Of `performance.now()`: what is not looked at by then is `missing`. */
  readonly deadline: number;
}

export class HookSurvey {
  readonly hooks: FoundHook[] = [];
  readonly missing: Missing[] = [];
  readonly lookedAt: LookedAt = {};
  readonly #inventory: Inventory;
  readonly #question: HookQuestion;
  /** Links that a survey explains better than they do themselves. */
  readonly #explained = new Set<number>();

  private constructor(inventory: Inventory, question: HookQuestion) {
    this.#inventory = inventory;
    this.#question = question;
  }

  static *make(inventory: Inventory, question: HookQuestion): Slices<HookSurvey> {
    const survey = new HookSurvey(inventory, question);
    yield* survey.#addNetwork();
    yield* survey.#addCgroups("own", kindsOf.cgroup);
    yield* survey.#addCgroups("effective", kindsOf.cgroupEffective);
    yield* survey.#addPerfEvents();
    survey.#addMaps();
    yield;
    yield* survey.#addLinks();
    return survey;
  }

  *#addNetwork(): Slices<void> {
    if (!this.#wants(kindsOf.network)) return;
    const { kernel, host, links } = this.#inventory;
    yield; // a host may have thousands of links
    const { wanted, deadline } = this.#question;
    const { visited, missing } = yield* surveyNetwork({ kernel, host }, wanted, deadline);
    const networkLinks = new NetworkLinks(visited, links);
    this.lookedAt.network_namespaces = visited.length;
    this.#add(networkHooks(visited, networkLinks, links, wanted), missing);
    const ambiguous = visited.flatMap(({ interfaces }) => interfaces).flatMap((at) => {
      return at.xdp.flatMap(({ programId }) => networkLinks.xdpLinks(at.index, programId));
    });
    for (const id of ambiguous) this.#explained.add(id);
  }

  *#addCgroups(scope: "own" | "effective", kinds: readonly HookKind[]): Slices<void> {
    if (!this.#wants(kinds)) return;
    const { kernel, host, programs, links } = this.#inventory;
    const isListed = this.#inventory.refusal("programs") === undefined;
    const types = programs.map(({ type }) => kernel.names.programType(type));
    yield;
    const { hooks, groups, missing } = yield* surveyCgroups({ kernel, host }, {
      scope,
      programTypes: isListed ? new Set(types) : null,
      links,
      deadline: this.#question.deadline,
      matches: (name) => this.#question.matches(name),
      attachName: (programId) => this.#inventory.attachName(programId),
    });
    this.lookedAt.control_groups = groups;
    this.#add(hooks, missing);
  }

  *#addPerfEvents(): Slices<void> {
    if (!this.#wants(kindsOf.perf)) return;
    const { deadline } = this.#question;
    const { hooks, explained, missing } = yield* surveyPerfEvents(this.#inventory, deadline);
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
  *#addLinks(): Slices<void> {
    const found = new Set(this.hooks.map(({ linkId }) => linkId));
    const rest = this.#inventory.links.filter(({ id }) =>
      !found.has(id) && !this.#explained.has(id)
    );
    const multi = this.#question.wanted.has("kprobe") ? multiProbes(this.#inventory) : new Map();
    yield;
    for (const link of rest) {
      const hook = linkHook(link, this.#inventory, multi) ?? unplacedHook(link, this.#inventory);
      if (hook !== null) this.#add([hook], []);
      yield;
    }
  }

  #add(hooks: readonly FoundHook[], missing: readonly Missing[]): void {
    this.hooks.push(...hooks.filter(({ kind }) => this.#question.wanted.has(kind)));
    this.missing.push(...missing);
  }

  #wants(kinds: readonly HookKind[]): boolean {
    return kinds.some((kind) => this.#question.wanted.has(kind));
  }
}
