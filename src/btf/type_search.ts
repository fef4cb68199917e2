// Types by what a caller calls them: a name, part of one, a pattern, with or without the kind.
import { listPattern, patternPart } from "../view/list_pattern.ts";
import { nearest } from "../view/nearest.ts";
import type { Kind, TypeId } from "./kind.ts";
import type { TypeCatalogue } from "./type_catalogue.ts";

export interface FoundTypes {
  /** Those that are called just so come first, then others by their ids. */
  readonly ids: readonly TypeId[];
  /** How many of them are called just so. */
  readonly exact: number;
}

/** What C calls these: a name may begin with it. */
const TAGS: Readonly<Record<string, readonly Kind[]>> = {
  struct: ["struct"],
  union: ["union"],
  enum: ["enum", "enum64"],
};

interface Wanted {
  readonly text: string;
  /** Empty for all; null when there can be none: a struct that is a function. */
  readonly kinds: readonly Kind[] | null;
}

/**
 * The own types of a BTF whose name matches; all when there is no pattern. Empty `kinds` are all.
 * @throws validation/invalid_arguments for a pattern that cannot be read
 */
export function findTypes(
  catalogue: TypeCatalogue,
  pattern: string | undefined,
  kinds: readonly Kind[],
): FoundTypes {
  if (pattern === undefined) {
    const ids = catalogue.list(`all ${kinds.join()}`, () => ofKinds(catalogue, kinds));
    return { ids, exact: 0 };
  }
  const { text, kinds: meant } = split(pattern, kinds);
  if (meant === null) return { ids: [], exact: 0 };
  const exact = namedTypes(catalogue, text, meant);
  const ids = catalogue.list(`${meant.join()} ${text}`, () => {
    const matching = catalogue.names.matching(listPattern(text), patternPart(text));
    const rest = matching.filter((id) => isOf(catalogue, id, meant) && !exact.includes(id));
    return [...exact, ...rest];
  });
  return { ids, exact: exact.length };
}

/** The types called `name`, `struct name`, … themselves; of split BTF its own, else its base's. */
export function typesNamed(catalogue: TypeCatalogue, name: string): readonly TypeId[] {
  const { text, kinds } = split(name, []);
  const own = namedTypes(catalogue, text, kinds ?? []);
  return own.length > 0 || catalogue.base === null ? own : typesNamed(catalogue.base, name);
}

/** Names near one that is not there. */
export function nearTypeNames(catalogue: TypeCatalogue, pattern: string, count: number): string[] {
  const { text } = split(pattern, []);
  const name = text.replaceAll(/[*?[\]/^$]/g, "");
  return name === "" ? [] : nearest(name, catalogue.names.all(), count);
}

function split(pattern: string, kinds: readonly Kind[]): Wanted {
  const [, tag = "", rest = pattern] = /^(struct|union|enum)\s+(\S.*)$/.exec(pattern) ?? [];
  const meant = TAGS[tag] ?? [];
  if (meant.length === 0) return { text: rest, kinds };
  const both = kinds.length === 0 ? meant : kinds.filter((kind) => meant.includes(kind));
  return { text: rest, kinds: both.length === 0 ? null : both };
}

function namedTypes(
  { btf }: TypeCatalogue,
  text: string,
  kinds: readonly Kind[],
): TypeId[] {
  return btf.find(text, ...kinds).filter((id) => id >= btf.firstId);
}

function isOf({ btf }: TypeCatalogue, id: TypeId, kinds: readonly Kind[]): boolean {
  return kinds.length === 0 || kinds.includes(btf.kind(id));
}

function ofKinds(catalogue: TypeCatalogue, kinds: readonly Kind[]): TypeId[] {
  const ids: TypeId[] = [];
  for (let id = catalogue.btf.firstId; id < catalogue.btf.typeCount; id++) {
    if (isOf(catalogue, id, kinds)) ids.push(id);
  }
  return ids;
}
