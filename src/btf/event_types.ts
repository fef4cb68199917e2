// Which struct a record is: rings carry no types, so an object names them or their sizes tell.
import { validationError } from "../errors.ts";
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";
import type { Layout } from "./layout.ts";
import { layoutOf } from "./layout_builder.ts";

/** A struct that records may have. */
export interface EventType {
  readonly name: string;
  readonly typeId: TypeId;
  readonly size: number;
  /** Bytes of the shortest record: less than `size` when the last member is an array. */
  readonly minimum: number;
  /** Whether records may be longer than `size`: the last member is a flexible array. */
  readonly flexible: boolean;
}

/**
 * How a record's length is reported. 0: as it was written (ring buffer). 7: by perf, which pads
 * the record and its 4-byte length to a multiple of 8.
 */
export interface LengthReport {
  readonly padding: 0 | 7;
}

const SECTION = ".event_types";
const MAX_LISTED = 32;
/** Candidates that are told apart; a ring has a handful. */
const MAX_CANDIDATES = 64;
/** Names that are ranked by nearness. */
const MAX_RANKED = 4096;

/** The structs that `.event_types` points to; if there are none, those of global pointers. */
export function eventTypeCandidates(btf: Btf): EventType[] {
  const named = btf.find(SECTION, "datasec").flatMap((section) => {
    return btf.variables(section).map((variable) => variable.type);
  });
  const candidates = pointedStructs(btf, named);
  return candidates.length > 0 ? candidates : pointedStructs(btf, globalTypes(btf));
}

function globalTypes(btf: Btf): TypeId[] {
  const types: TypeId[] = [];
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    if (btf.kind(id) === "var" && btf.linkage(id) !== "static") types.push(btf.pointee(id));
  }
  return types;
}

function pointedStructs(btf: Btf, types: readonly TypeId[]): EventType[] {
  const found = new Map<TypeId, EventType>();
  for (const type of types) {
    const pointer = btf.resolve(type);
    if (btf.kind(pointer) !== "ptr") continue;
    const target = btf.pointee(pointer);
    const struct = btf.resolve(target);
    if (!isStruct(btf, struct) || found.has(struct)) continue;
    if (found.size === MAX_CANDIDATES) break; // the rest can still be asked for by name
    found.set(struct, eventType(btf, target));
  }
  return [...found.values()];
}

function isStruct(btf: Btf, id: TypeId): boolean {
  return btf.kind(id) === "struct" || btf.kind(id) === "union";
}

/** `type` is a struct, or a typedef that names an anonymous one. */
function eventType(btf: Btf, type: TypeId): EventType {
  const typeId = btf.resolve(type);
  const layout = layoutOf(btf, typeId);
  const name = btf.name(typeId) || typedefName(btf, type) || "(anonymous)";
  const minimum = endsInArray(layout) ? layout.need : layout.size;
  return { name, typeId, size: layout.size, minimum, flexible: isFlexible(layout) };
}

function typedefName(btf: Btf, type: TypeId): string {
  let at = type;
  for (let steps = 0; steps < 64; steps++) { // resolve() has checked that the chain ends
    if (btf.kind(at) === "typedef" || isStruct(btf, at)) return btf.name(at);
    at = btf.pointee(at);
  }
  return "";
}

function isFlexible(layout: Layout): boolean {
  if (layout.kind === "struct") return layout.fields.some((field) => isFlexible(field.layout));
  return (layout.kind === "array" || layout.kind === "text") && layout.end === "flexible";
}

function endsInArray(layout: Layout): boolean {
  if (layout.kind === "struct") return layout.fields.some((field) => endsInArray(field.layout));
  return (layout.kind === "array" || layout.kind === "text") && layout.end !== "fixed";
}

/**
 * The one candidate that a record of `length` bytes can be, null when it is none or several. The
 * length of a whole struct decides first; else a single candidate whose last member is an array.
 */
export function pickEventType(
  candidates: readonly EventType[],
  length: number,
  { padding }: LengthReport,
): EventType | null {
  const exact = candidates.filter(({ size }) => reported(size, padding) === length);
  if (exact.length > 0) return only(exact);
  const padded = candidates.filter(({ size }) => length > size && length - size <= padding);
  if (padded.length > 0) return only(padded);
  const longer = candidates.filter(({ flexible, minimum }) => flexible && length >= minimum);
  if (longer.length > 0) return only(longer);
  const [single] = candidates;
  if (candidates.length !== 1 || single.minimum >= single.size) return null;
  return length >= single.minimum && length < single.size ? single : null;
}

/** The length that is reported for a record of `size` bytes. */
function reported(size: number, padding: 0 | 7): number {
  return padding === 0 ? size : Math.ceil((size + 4) / 8) * 8 - 4;
}

function only(types: readonly EventType[]): EventType | null {
  return types.length === 1 ? types[0] : null;
}

/**
 * The struct or union called `name` ("event", "struct event", or a typedef of one).
 *
 * @throws validation/unknown_event_type with the structs there are, nearest names first
 */
export function findEventType(btf: Btf, name: string): EventType {
  const bare = name.replace(/^(struct|union)\s+/, "").trim();
  for (const id of btf.find(bare, "struct", "union", "typedef")) {
    if (isStruct(btf, btf.resolve(id))) return eventType(btf, id);
  }
  const known = nearestFirst(structNames(btf), bare).slice(0, MAX_LISTED);
  const list = known.length === 0 ? "its BTF has no structs" : `there are ${known.join(", ")}`;
  throw validationError("unknown_event_type", `Cannot find event type "${name}": ${list}`, {
    event_type: name,
    event_types: known,
  });
}

function structNames(btf: Btf): string[] {
  const names = new Set<string>();
  for (let id = btf.firstId; id < btf.typeCount && names.size < MAX_RANKED; id++) {
    const kind = btf.kind(id);
    const isNamed = kind === "typedef" ? isStruct(btf, btf.resolve(id)) : isStruct(btf, id);
    if (isNamed && btf.name(id) !== "") names.add(btf.name(id));
  }
  return [...names];
}

function nearestFirst(names: readonly string[], wanted: string): string[] {
  const ranked = names.map((name) => ({ name, distance: distance(name, wanted) }));
  ranked.sort((one, other) => one.distance - other.distance);
  return ranked.map(({ name }) => name);
}

/** Levenshtein distance of the first 32 characters: enough to rank names. */
function distance(one: string, other: string): number {
  const [a, b] = [one.slice(0, 32).toLowerCase(), other.slice(0, 32).toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
