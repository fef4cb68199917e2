// A page of types: whole ones while they fit, and of the last as much as fits.
import type { TypeId } from "../../btf/kind.ts";
import type { TypeCatalogue } from "../../btf/type_catalogue.ts";
import {
  decodeCursor,
  encodeCursor,
  invalidCursor,
  jsonBytes,
  type Page,
} from "../../view/page.ts";
import { headOf, type Part, type Parts, partsOf, type TypeRow } from "./type_row.ts";

/** `parts_total`, `parts_from` and the brackets around a row's parts. */
const PARTS_FRAME_BYTES = 64;
const NOT_OURS = "its position is none that an answer gave";

export interface TypePageRequest {
  readonly ids: readonly TypeId[];
  /** How deep the i-th type is spelled out; 0 is its head alone. */
  depthOf(index: number): number;
  readonly limit: number;
  readonly byteBudget: number;
  readonly cursor?: string;
  /** Of `listOf`: what must stay the same between pages. */
  readonly list: string;
}

/** Where a page begins: at a type, and within it. */
interface Place {
  readonly type: number;
  readonly part: number;
}

/** The types from the cursor on; a type too large for one page goes on in the next. */
export function pageTypes(catalogue: TypeCatalogue, request: TypePageRequest): Page<TypeRow> {
  const { ids, limit, list } = request;
  const start = request.cursor === undefined ? { type: 0, part: 0 } : placeIn(list, request.cursor);
  const rows: TypeRow[] = [];
  let room = request.byteBudget;
  let next: Place | null = null;
  for (let type = start.type; type < ids.length; type++) {
    const first = type === start.type ? start.part : 0;
    if (rows.length === limit) {
      next = { type, part: 0 };
      break;
    }
    const head = headOf(catalogue, ids[type]);
    const depth = request.depthOf(type);
    const parts = depth === 0 ? null : partsOf(catalogue, ids[type], depth);
    const left = room - jsonBytes(head) - (parts === null ? 0 : PARTS_FRAME_BYTES);
    const taken = parts === null ? [] : takeParts(parts, first, left, rows.length === 0);
    const isBegun = parts === null || parts.total === first || taken.length > 0;
    if ((left < 0 || !isBegun) && rows.length > 0) {
      next = { type, part: first };
      break;
    }
    const row = parts === null ? head : withParts(head, parts, first, taken);
    rows.push(row);
    room -= jsonBytes(row);
    if (parts !== null && first + taken.length < parts.total) {
      next = { type, part: first + taken.length };
      break;
    }
  }
  return {
    items: rows,
    total: ids.length,
    truncated: next !== null,
    next_cursor: next === null ? null : encodeCursor(list, `${next.type}/${next.part}`),
  };
}

function placeIn(list: string, cursor: string): Place {
  const position = decodeCursor(list, cursor);
  const [, type, part] = /^(\d{1,9})\/(\d{1,9})$/.exec(`${position}`) ?? [];
  if (type === undefined || part === undefined) throw invalidCursor(list, NOT_OURS);
  return { type: Number(type), part: Number(part) };
}

/** The position in the cursor of a list whose positions are numbers. */
export function indexIn(list: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const position = decodeCursor(list, cursor);
  if (typeof position !== "number") throw invalidCursor(list, NOT_OURS);
  return position;
}

/** At least one when nothing else is on the page, however large. */
function takeParts(parts: Parts, first: number, bytes: number, isAlone: boolean): Part[] {
  const taken: Part[] = [];
  let room = bytes;
  for (let index = first; index < parts.total; index++) {
    const part = parts.part(index);
    room -= jsonBytes(part);
    if (room < 0 && !(isAlone && taken.length === 0)) break;
    taken.push(part);
  }
  return taken;
}

function withParts(head: TypeRow, parts: Parts, first: number, taken: Part[]): TypeRow {
  const from = first === 0 ? {} : { parts_from: first };
  return { ...head, [parts.key]: taken, parts_total: parts.total, ...from };
}
