// Which objects an answer is about.
import { validationError } from "../../errors.ts";
import type { HeldKind } from "../../host/fdinfo.ts";
import { btfTypes } from "./btf_row.ts";
import type { Inventory } from "./inventory.ts";
import { listPattern } from "../../view/list_pattern.ts";
import { didYouMean } from "../../view/did_you_mean.ts";

/** What inspect_state can tell. */
export const stateFields = [
  "programs",
  "maps",
  "links",
  "btf",
  "system",
  "session",
  "tools",
  "verifier",
] as const;
export type StateField = typeof stateFields[number];

export interface Filters {
  readonly type?: string;
  readonly name?: string;
  readonly ids?: readonly number[];
  readonly object_id?: string;
  readonly pinned_only: boolean;
  readonly mine: boolean;
}

/** The fields that each filter can be answered for. */
const answering: Readonly<Record<keyof Filters, readonly StateField[]>> = {
  type: ["programs", "maps", "links", "btf"],
  name: ["programs", "maps", "links", "btf", "tools", "verifier"],
  ids: ["programs", "maps", "links", "btf", "verifier"],
  object_id: ["verifier"],
  pinned_only: ["programs", "maps", "links"],
  mine: ["programs", "maps", "links", "btf"],
};

/**
 * Refuses a filter that none of the asked fields can answer; it is never just ignored.
 * @throws validation/invalid_arguments naming the fields that can
 */
export function requireAnswerable(filters: Filters, fields: readonly StateField[]): void {
  const { type, name, ids, object_id, pinned_only, mine } = filters;
  const given = { type, name, ids, object_id, pinned_only, mine };
  for (const filter of ["type", "name", "ids", "object_id", "pinned_only", "mine"] as const) {
    if (given[filter] === undefined || given[filter] === false) continue;
    const able = answering[filter];
    if (fields.some((field) => able.includes(field))) continue;
    throw validationError(
      "invalid_arguments",
      `Cannot filter ${fields.join(", ")} by ${filter}: it is for ${able.join(", ")}`,
      { arguments: [filter], accepted: able },
    );
  }
}

/** Filters whose pattern is compiled. */
export interface Selection extends Filters {
  /** Whether a name matches the pattern; true where none is given. */
  readonly matches: (name: string) => boolean;
}

/** Whether a name matches the filter `name`: a link's may be its hook's, which may be a path. */
export function namePattern(name: string): (name: string) => boolean {
  return listPattern(name, { argument: "name", names: "paths" });
}

/** @throws validation/invalid_arguments when `name` is no pattern */
export function select<Given extends Filters>(filters: Given): Given & Selection {
  const { name } = filters;
  return { ...filters, matches: name === undefined ? () => true : namePattern(name) };
}

/** What a filter looks at in any object. */
export interface Filterable {
  readonly id: number;
  readonly type: string;
  /** All that a name may match: a link has its program's and its hook's. Asked only then. */
  names(): readonly string[];
}

/** True for what every given filter lets through. */
export function passes(
  kind: HeldKind,
  item: Filterable,
  selection: Selection,
  inventory: Inventory,
): boolean {
  const { type, name, ids, pinned_only, mine, matches } = selection;
  if (ids !== undefined && !ids.includes(item.id)) return false;
  if (type !== undefined && item.type !== type) return false;
  if (name !== undefined && !item.names().some(matches)) return false;
  if (mine && !inventory.isMine(kind, item.id)) return false;
  return !pinned_only || inventory.pins(kind, item.id).length > 0;
}

/**
 * Refuses a type that none of the asked lists has.
 * @throws validation/invalid_arguments
 */
export function requireKnownType(
  type: string,
  fields: readonly StateField[],
  inventory: Inventory,
): void {
  const { names } = inventory.kernel;
  const known: Readonly<Partial<Record<StateField, readonly string[]>>> = {
    programs: names.programTypes(),
    maps: names.mapTypes(),
    links: names.linkTypes(),
    btf: btfTypes,
  };
  const has = (field: StateField) => known[field]?.includes(type) === true;
  if (fields.some(has)) return;
  const lists = fields.filter((field) => known[field] !== undefined);
  const accepted = [...new Set(lists.flatMap((field) => known[field] ?? []))];
  const elsewhere = stateFields.filter(has);
  throw validationError(
    "invalid_arguments",
    `Cannot filter by type "${type}": ${lists.join(" and ")} have no such type` +
      didYouMean(type, accepted),
    {
      arguments: ["type"],
      accepted,
      ...(elsewhere.length === 0 ? {} : { hint: `it is a type of ${elsewhere.join(" and ")}` }),
    },
  );
}
