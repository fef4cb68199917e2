// Who contains a type, as an answer shows it.
import * as z from "zod";
import { type Container, findContainers, type Through } from "../../btf/containers.ts";
import type { TypeId } from "../../btf/kind.ts";
import type { TypeCatalogue } from "../../btf/type_catalogue.ts";
import { typeText } from "../../btf/type_text.ts";
import { encodeCursor, jsonBytes, type Page, type PageRequest } from "../../view/page.ts";
import { indexIn } from "./type_page.ts";

export const containerRow = z.object({
  in: z.string().describe("The struct or union that has the member"),
  in_id: z.int(),
  member: z.string().describe("Its path there"),
  type: z.string(),
  offset: z.int(),
  through: z.enum(["value", "array", "pointer"]),
});

export type ContainerRow = z.infer<typeof containerRow>;

/** A page of the members that are of `type`. */
export function pageContainers(
  catalogue: TypeCatalogue,
  type: TypeId,
  through: Through,
  list: string,
  { limit, byteBudget, cursor }: PageRequest,
): Page<ContainerRow> & { whole: boolean } {
  const { found, whole } = findContainers(catalogue, type, through);
  const start = indexIn(list, cursor);
  const items: ContainerRow[] = [];
  let room = byteBudget;
  let at = start;
  for (; at < found.length && items.length < limit; at++) {
    const row = render(catalogue, found[at]); // thousands may be found of which dozens are shown
    room -= jsonBytes(row);
    if (room < 0 && items.length > 0) break;
    items.push(row);
  }
  const next_cursor = at < found.length ? encodeCursor(list, at) : null;
  return { items, total: found.length, truncated: next_cursor !== null, next_cursor, whole };
}

function render(catalogue: TypeCatalogue, { owner, path, through }: Container): ContainerRow {
  const { btf } = catalogue;
  const members = path.map((use) => btf.members(use.owner)[use.index]);
  const names = members.map(({ name, type }) => {
    return btf.kind(btf.resolve(type)) === "array" ? `${name}[]` : name;
  });
  const bits = members.reduce((sum, { bitOffset }) => sum + bitOffset, 0);
  return {
    in: ownerText(catalogue, owner),
    in_id: owner,
    member: names.filter((name) => name !== "").join("."),
    type: typeText(btf, members[members.length - 1].type),
    offset: Math.floor(bits / 8),
    through,
  };
}

/** `struct file`, or the typedef that is the only name. */
function ownerText(catalogue: TypeCatalogue, owner: TypeId): string {
  const { btf } = catalogue;
  return btf.name(owner) === "" && catalogue.nameOf(owner) !== ""
    ? catalogue.nameOf(owner)
    : typeText(btf, owner);
}
