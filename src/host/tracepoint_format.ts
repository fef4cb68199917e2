// The kernel's description of one tracepoint (`events/CATEGORY/NAME/format`) as values.

/** Descriptions with more fields are cut: the kernel's own have at most some dozens. */
const MAX_FIELDS = 512;
/** Longer lines describe no field; what looks for one takes more than linear time. */
const MAX_LINE = 512;
const PRINT = "\nprint fmt: ";
const FIELD =
  /^field:(?<declaration>[^;]+);\s*offset:(?<offset>\d+);\s*size:(?<size>\d+);(?:\s*signed:(?<signed>[01]);)?$/;
/** The name of a function pointer: `int (*compare)(void *)`. */
const POINTED = /^(?<before>.*\(\s*\*\s*)(?<name>\w+)(?<after>\s*\).*)$/;
/** The last word, and the array's brackets behind it. */
const DECLARED = /^(?<type>.*[^\w])(?<name>\w+)(?<brackets>(?:\s*\[[^\]]*\])*)$/;

export interface TracepointField {
  readonly name: string;
  /** In C, as far as the kernel writes it: `char[16]`, `__data_loc char[]`, `struct sock *`. */
  readonly type: string;
  /** Bytes from the begin of the record, which starts with 8 bytes that all records have. */
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
}

export interface TracepointFormat {
  readonly id: number | null;
  /** Without the `common_` fields of every record. */
  readonly fields: readonly TracepointField[];
  /** How the kernel prints a record: a printf format and its arguments, as they are written. */
  readonly print: string | null;
}

/** What a format file says; what it says in another way than kernels do is left out. */
export function parseTracepointFormat(text: string): TracepointFormat {
  const id = /^ID: (\d+)$/m.exec(text)?.[1];
  const fields: TracepointField[] = [];
  for (const line of text.split("\n")) {
    if (fields.length >= MAX_FIELDS) break;
    if (line.length > MAX_LINE) continue;
    const field = parseField(line.trim());
    if (field !== null && !field.name.startsWith("common_")) fields.push(field);
  }
  const print = text.indexOf(PRINT);
  return {
    id: id === undefined ? null : Number(id),
    fields,
    print: print === -1 ? null : text.slice(print + PRINT.length).trimEnd(),
  };
}

function parseField(line: string): TracepointField | null {
  const { declaration, offset, size, signed } = FIELD.exec(line)?.groups ?? {};
  if (declaration === undefined) return null;
  const declared = splitDeclaration(declaration);
  if (declared === null) return null;
  const place = { offset: Number(offset), size: Number(size), signed: signed === "1" };
  return Number.isSafeInteger(place.offset + place.size) ? { ...declared, ...place } : null;
}

/** `char comm[16]` is `comm` of type `char[16]`. */
function splitDeclaration(declaration: string): { name: string; type: string } | null {
  const pointed = POINTED.exec(declaration)?.groups;
  if (pointed !== undefined) {
    const { before = "", name = "", after = "" } = pointed;
    return { name, type: before.trimEnd() + after.trimStart() };
  }
  const { type, name, brackets = "" } = DECLARED.exec(declaration)?.groups ?? {};
  if (type === undefined || name === undefined || type.trim() === "") return null;
  return { name, type: type.trim() + brackets.replaceAll(/\]\s+\[/g, "][").trim() };
}
