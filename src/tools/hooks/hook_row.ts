// A hook as inspect_hooks shows it.
import * as z from "zod";
import type { Containers, Residence } from "../../host/containers.ts";
import type { Owner, Owners } from "../../host/owners.ts";
import type { ListedProgram } from "../../kernel/kernel_view.ts";
import type { Inventory } from "../inspect/inventory.ts";
import type { FoundHook } from "./found_hook.ts";
import { hookKinds } from "./hook_kinds.ts";

/** The most owners that a row lists, and pins. */
const mostOwners = 4;
const mostPins = 2;

const owner = z.object({
  pid: z.int(),
  comm: z.string(),
  unit: z.string().optional(),
  container: z.object({ runtime: z.string(), id: z.string() }).optional(),
  pod: z.string().optional(),
});

export const hookRow = z.object({
  kind: z.enum(hookKinds),
  target: z.string(),
  hook: z.record(z.string(), z.union([z.string(), z.number()])),
  program: z.object({
    id: z.int(),
    name: z.string().nullable(),
    type: z.string().nullable(),
  }).nullable(),
  link_id: z.int().nullable(),
  owners: z.array(owner),
  omitted_owners: z.int().optional(),
  pins: z.array(z.string()).optional(),
});

export type HookRow = z.infer<typeof hookRow>;

/** Describes hooks of one answer: where a process lives is looked up once. */
export class HookRows {
  readonly #inventory: Inventory;
  readonly #containers: Containers;
  readonly #residences = new Map<number, Residence>();
  readonly #holders: Owners;
  readonly #programs: ReadonlyMap<number, ListedProgram>;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
    this.#containers = inventory.host.containers;
    this.#holders = inventory.holders;
    this.#programs = new Map(inventory.programs.map((program) => [program.id, program]));
  }

  describe(found: FoundHook): HookRow {
    const owners = this.#owners(found);
    const shown = owners.slice(0, mostOwners);
    return {
      kind: found.kind,
      target: found.place,
      hook: { ...found.fields },
      program: this.#program(found.programId),
      link_id: found.linkId,
      owners: shown.map(({ pid, comm }) => ({ pid, comm, ...this.#residence(pid) })),
      ...(owners.length > shown.length ? { omitted_owners: owners.length - shown.length } : {}),
      ...(owners.length === 0 ? this.#pins(found) : {}),
    };
  }

  #program(id: number | null): HookRow["program"] {
    if (id === null) return null;
    const listed = this.#programs.get(id);
    if (listed === undefined) return { id, name: null, type: null };
    return { id, name: listed.name, type: this.#inventory.kernel.names.programType(listed.type) };
  }

  /** One row for each process: who holds the link, else who holds the program. */
  #owners({ holders, linkId, programId }: FoundHook): Owner[] {
    const found = holders ?? this.#holdersOf(linkId, programId);
    return [...new Map(found.map((holder) => [holder.pid, holder])).values()];
  }

  #holdersOf(linkId: number | null, programId: number | null): readonly Owner[] {
    if (linkId !== null) return this.#holders.of("link", linkId);
    return programId === null ? [] : this.#holders.of("program", programId);
  }

  /** What no process holds may be pinned. */
  #pins({ linkId, programId }: FoundHook): { pins?: string[] } {
    const pins = [
      ...(linkId === null ? [] : this.#inventory.pins("link", linkId)),
      ...(programId === null ? [] : this.#inventory.pins("program", programId)),
    ];
    return pins.length === 0 ? {} : { pins: pins.slice(0, mostPins) };
  }

  #residence(pid: number): Residence {
    const known = this.#residences.get(pid);
    if (known !== undefined) return known;
    const residence = this.#containers.ofProcess(pid);
    this.#residences.set(pid, residence);
    return residence;
  }
}
