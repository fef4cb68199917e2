// One type as an answer shows it: what it is, and a list of what it is made of.
import * as z from "zod";
import type { Kind, TypeId } from "../../btf/kind.ts";
import { type ListedMember, listMembers } from "../../btf/member_list.ts";
import { prototypeText } from "../../btf/prototype_text.ts";
import type { TypeCatalogue } from "../../btf/type_catalogue.ts";
import { typeText } from "../../btf/type_text.ts";
import { exactInteger } from "../../btf/value.ts";

const part = z.object({
  name: z.string().describe("Of members dotted, [] behind an array's name"),
  type: z.string().optional(),
  type_id: z.int().optional().describe("Where the type has no name to ask for"),
  offset: z.int().optional().describe("Bytes from the begin of the type asked for"),
  size: z.int().optional(),
  bit_offset: z.int().optional().describe("Of a bitfield, from the begin of the type"),
  bits: z.int().optional(),
  value: z.union([z.int(), z.string()]).optional(),
});

export type Part = z.infer<typeof part>;

export const typeRow = z.object({
  id: z.int(),
  kind: z.string(),
  name: z.string().optional(),
  typedef: z.string().optional().describe("The name of what has none itself"),
  size: z.int().optional().describe("Bytes"),
  type: z.string().optional().describe("C text; a function's prototype"),
  target_id: z.int().optional().describe("What a pointer, typedef, qualifier or tag refers to"),
  encoding: z.string().optional(),
  bits: z.int().optional(),
  linkage: z.string().optional(),
  component: z.int().optional().describe("Position of the tagged member or parameter, -1 for all"),
  members: z.array(part).optional(),
  values: z.array(part).optional(),
  parameters: z.array(part).optional(),
  variables: z.array(part).optional(),
  parts_total: z.int().optional().describe("Members, values, parameters or variables in all"),
  parts_from: z.int().optional().describe("Of a list that the page before began"),
});

export type TypeRow = z.infer<typeof typeRow>;

/** What a type is made of, which is rendered when it fits. */
export interface Parts {
  readonly key: "members" | "values" | "parameters" | "variables";
  readonly total: number;
  part(index: number): Part;
}

/** The type without its parts. */
export function headOf(catalogue: TypeCatalogue, id: TypeId): TypeRow {
  const { btf } = catalogue;
  const kind = btf.kind(id);
  const name = btf.name(id);
  const row: TypeRow = { id, kind };
  if (name !== "") row.name = name;
  else if (isBody(kind) && catalogue.nameOf(id) !== "") row.typedef = catalogue.nameOf(id);
  if (hasSize(kind)) row.size = btf.sizeOf(id);
  return { ...row, ...traitsOf(catalogue, id, kind) };
}

function traitsOf({ btf }: TypeCatalogue, id: TypeId, kind: Kind): Partial<TypeRow> {
  switch (kind) {
    case "int": {
      const { bits, signed, bool, char } = btf.int(id);
      const sign = signed ? "signed" : "unsigned";
      return { encoding: bool ? "bool" : char ? `${sign} char` : sign, bits };
    }
    case "func":
      return { type: prototypeText(btf, id), linkage: btf.linkage(id) };
    case "func_proto":
      return { type: prototypeText(btf, id) };
    case "var":
      return {
        type: typeText(btf, btf.pointee(id)),
        target_id: btf.pointee(id),
        linkage: btf.linkage(id),
      };
    case "typedef":
      return { type: typeText(btf, btf.pointee(id)), target_id: btf.pointee(id) };
    case "ptr":
    case "volatile":
    case "const":
    case "restrict":
    case "type_tag":
      return { type: typeText(btf, id), target_id: btf.pointee(id) };
    case "array":
      return { type: typeText(btf, id), target_id: btf.array(id).element };
    case "fwd":
      return { type: typeText(btf, id) };
    case "decl_tag": {
      const target = btf.pointee(id);
      const [tag] = btf.declTags(target).filter(({ value }) => value === btf.name(id));
      return { target_id: target, ...(tag === undefined ? {} : { component: tag.component }) };
    }
    default:
      return {};
  }
}

/** What the type is made of, structs inside as deep as asked; null for what has no parts. */
export function partsOf(catalogue: TypeCatalogue, id: TypeId, depth: number): Parts | null {
  const { btf } = catalogue;
  switch (btf.kind(id)) {
    case "struct":
    case "union":
      return memberParts(catalogue, listMembers(btf, id, depth));
    case "typedef": {
      const target = btf.resolve(id);
      const kind = btf.kind(target);
      const isNameless = isBody(kind) && btf.name(target) === "";
      return isNameless ? partsOf(catalogue, target, depth) : null;
    }
    case "enum":
    case "enum64": {
      const values = btf.enumerators(id);
      return listParts(
        "values",
        values,
        ({ name, value }) => ({ name, value: exactInteger(value) }),
      );
    }
    case "func":
    case "func_proto": {
      const prototype = btf.kind(id) === "func" ? btf.pointee(id) : id;
      if (btf.kind(prototype) !== "func_proto") return null;
      return listParts("parameters", btf.parameters(prototype), ({ name, type }) => {
        return type === 0 ? { name: "...", type: "..." } : { name, ...typed(catalogue, type) };
      });
    }
    case "datasec":
      return listParts("variables", btf.variables(id), ({ name, type, offset, size }) => {
        return { name, ...typed(catalogue, type), offset, size };
      });
    default:
      return null;
  }
}

function memberParts(catalogue: TypeCatalogue, members: readonly ListedMember[]): Parts {
  return listParts("members", members, ({ path, type, bitOffset, bitSize }) => {
    const place = { name: path, ...typed(catalogue, type), offset: Math.floor(bitOffset / 8) };
    if (bitSize > 0) return { ...place, bit_offset: bitOffset, bits: bitSize };
    return { ...place, size: catalogue.btf.sizeOf(type) };
  });
}

function listParts<Item>(
  key: Parts["key"],
  items: readonly Item[],
  render: (item: Item) => Part,
): Parts {
  return { key, total: items.length, part: (index) => render(items[index]) };
}

/** A type's text, and its id where the text cannot be asked for. */
function typed({ btf }: TypeCatalogue, type: TypeId): { type: string; type_id?: number } {
  const text = typeText(btf, type);
  return text.includes("{…}") ? { type: text, type_id: type } : { type: text };
}

function isBody(kind: Kind): boolean {
  return kind === "struct" || kind === "union" || kind === "enum" || kind === "enum64";
}

function hasSize(kind: Kind): boolean {
  return isBody(kind) || kind === "int" || kind === "float" || kind === "array" ||
    kind === "datasec" || kind === "typedef" || kind === "ptr";
}
