// Fields of a struct by name: what can be asked for, where it is, and what it is called in C.
import { validationError } from "../errors.ts";
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";
import type { Field, Layout, StructLayout } from "./layout.ts";
import { structLayoutOf } from "./layout_builder.ts";
import { typeText } from "./type_text.ts";

/** A field as a caller sees it; those of anonymous members belong to the struct around them. */
export interface FieldDescription {
  readonly name: string;
  /** C text, "unsigned int : 3" for a bitfield. */
  readonly type: string;
  readonly offset: number;
  readonly size: number;
}

/** A field found by its dotted path; `offset` counts from the record's start. */
export interface FoundField {
  readonly path: string;
  readonly offset: number;
  readonly layout: Layout;
}

/** Paths that an error names before it says how many more there are. */
const MAX_LISTED = 64;

/** The fields of a struct, union or section, in their order. */
export function fieldsOf(btf: Btf, type: TypeId): FieldDescription[] {
  return structLayoutOf(btf, type).fields.map((field) => describe(btf, field));
}

function describe(btf: Btf, { name, type, offset, layout }: Field): FieldDescription {
  const text = typeText(btf, type);
  const isBitfield = layout.kind === "bits" && layout.width !== btf.sizeOf(type) * 8;
  const shown = isBitfield ? `${text} : ${layout.width}` : text;
  return { name, type: shown, offset, size: layout.size };
}

/** Whether a struct has the field `path` ("pid", "addr.port"). */
export function hasField(btf: Btf, type: TypeId, path: string): boolean {
  return lookUp(structLayoutOf(btf, type), path) !== null;
}

/**
 * The field at `path`, descending into named structs by dots.
 *
 * @throws validation/unknown_field with the fields there are
 */
export function findField(struct: StructLayout, path: string): FoundField {
  const found = lookUp(struct, path);
  if (found !== null) return found;
  throw unknownField(struct, path);
}

/** `validation/unknown_field`, which lists what the struct has. */
export function unknownField(struct: StructLayout, path: string): Error {
  const fields = pathsOf(struct);
  const listed = fields.slice(0, MAX_LISTED);
  const more = fields.length > listed.length ? ` and ${fields.length - listed.length} more` : "";
  const message = `Cannot find field "${path}": the fields are ${listed.join(", ")}${more}`;
  return validationError("unknown_field", message, { field: path, fields: listed });
}

function lookUp(struct: StructLayout, path: string): FoundField | null {
  let fields = struct.fields;
  let offset = 0;
  const names = path.split(".");
  for (const [index, name] of names.entries()) {
    const field = fields.find((candidate) => candidate.name === name);
    if (field === undefined) return null;
    offset += field.offset;
    if (index === names.length - 1) return { path, offset, layout: field.layout };
    if (field.layout.kind !== "struct") return null;
    fields = field.layout.fields;
  }
  return null;
}

/** The dotted paths of a struct's fields down to single values, at most a few hundred. */
function pathsOf(struct: StructLayout): string[] {
  const paths: string[] = [];
  const add = (fields: readonly Field[], prefix: string) => {
    for (const { name, layout } of fields) {
      if (paths.length > 4 * MAX_LISTED) return;
      if (layout.kind === "struct") add(layout.fields, `${prefix}${name}.`);
      else paths.push(`${prefix}${name}`);
    }
  };
  add(struct.fields, "");
  return paths;
}
