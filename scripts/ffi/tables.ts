// Reads ffi/ as data: symbol tables, struct layouts and constants, each with the header it claims.
import type { StructLayout } from "../../ffi/struct.ts";
import { systemCallNumbers } from "../../ffi/syscalls.ts";
import { repository } from "../paths.ts";
import type { SystemCallTables } from "./compare_constants.ts";
import { isNode, type JsonNode } from "./json_node.ts";
import { constantsOf, type SourceConstant } from "./source_constants.ts";

/** A Deno native type, or `handle:NAME` for a branded pointer to `struct NAME`. */
export type NativeType = string;

/** One row of a symbol table. */
export interface SymbolRow {
  library: "libc" | "libbpf";
  /** As one would include it: `sys/mman.h`. */
  header: string;
  /** Key in the table, which differs from `symbol` in variants. */
  key: string;
  /** C name. */
  symbol: string;
  parameters: readonly NativeType[];
  result: NativeType;
  calls: "blocking" | "nonblocking";
  presence: "required" | "optional";
}

/** All that is to be held against the machine. */
export interface Tables {
  rows: readonly SymbolRow[];
  layouts: readonly StructLayout[];
  constants: readonly SourceConstant[];
  systemCalls: SystemCallTables;
}

const ffi = new URL("ffi/", repository);
const kernel = new URL("src/kernel/", repository);

/** Reads every table of ffi/, and the C constants of src/kernel too. */
export async function readTables(): Promise<Tables> {
  return {
    rows: await readSymbolRows(),
    layouts: await readLayouts(),
    constants: [...await readConstants(ffi), ...await readConstants(kernel)],
    systemCalls: systemCallNumbers,
  };
}

/** Every row of every symbol table, in the order of the files. */
async function readSymbolRows(): Promise<SymbolRow[]> {
  const handles = await handlesModule();
  const rows: SymbolRow[] = [];
  for (const library of ["libbpf", "libc"] as const) {
    const folder = new URL(`${library}/`, ffi);
    for (const name of await moduleNames(folder)) {
      const source = await Deno.readTextFile(new URL(name, folder));
      const header = headerOf(name, library, source);
      for (const table of await evaluate(source, handles)) {
        for (const [key, row] of Object.entries(table)) {
          rows.push(symbolRow(library, header, key, row));
        }
      }
    }
  }
  return rows;
}

/** Every layout in ffi/layouts. */
async function readLayouts(): Promise<StructLayout[]> {
  const folder = new URL("layouts/", ffi);
  const layouts: StructLayout[] = [];
  for (const name of await moduleNames(folder)) {
    const module: unknown = await import(new URL(name, folder).href);
    for (const value of Object.values(isNode(module) ? module : {})) {
      if (isLayout(value)) layouts.push(value);
    }
  }
  return layouts;
}

async function readConstants(folder: URL): Promise<SourceConstant[]> {
  const found: SourceConstant[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory) found.push(...await readConstants(path));
    else if (entry.name.endsWith(".ts")) {
      found.push(
        ...constantsOf(
          await Deno.readTextFile(path),
          path.pathname.slice(repository.pathname.length),
        ),
      );
    }
  }
  return found;
}

async function moduleNames(folder: URL): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.endsWith(".ts")) names.push(entry.name);
  }
  return names.sort();
}

/** The header that line 1 names; the file must be named after it, so that neither can drift. */
function headerOf(name: string, library: string, source: string): string {
  const header = /^\/\/ ([\w/]+\.h)\b/.exec(source)?.[1];
  const flat = header?.replace(/^bpf\//, library === "libbpf" ? "" : "bpf/").replace(/[/.]/g, "_");
  if (header === undefined || name !== `${flat}.ts`) {
    throw new Error(`ffi/${library}/${name}: line 1 names ${header}, wanted the header of ${name}`);
  }
  return header;
}

/**
 * Brands exist for the type checker only: at run time every handle is "pointer". So the tables are
 * evaluated once more with a handles module whose values tell the handles apart.
 */
async function handlesModule(): Promise<string> {
  const source = await Deno.readTextFile(new URL("handles.ts", ffi));
  const structs = new Map<string, string>();
  for (const [, type = "", struct = ""] of source.matchAll(/type (\w+) = Handle<"(\w+)">/g)) {
    structs.set(type, struct);
  }
  let module = "";
  const declared = /export const (\w+) = "pointer" as Deno\.NativeTypedPointer<(\w+)>;/g;
  for (const [, name = "", type = ""] of source.matchAll(declared)) {
    module += `export const ${name}="handle:${structs.get(type)}";`;
  }
  return `data:text/javascript,${encodeURIComponent(module)}`;
}

async function evaluate(source: string, handles: string): Promise<JsonNode[]> {
  const told = source.replace(/from "\.\.\/handles\.ts"/, () => `from ${JSON.stringify(handles)}`);
  const url = `data:application/typescript,${encodeURIComponent(told)}`;
  const module: unknown = await import(url);
  return Object.values(isNode(module) ? module : {}).filter(isNode);
}

function symbolRow(
  library: SymbolRow["library"],
  header: string,
  key: string,
  row: unknown,
): SymbolRow {
  if (!isNode(row) || !Array.isArray(row.parameters) || typeof row.result !== "string") {
    throw new Error(`${key} (${header}): not a function's row`);
  }
  return {
    library,
    header,
    key,
    symbol: typeof row.name === "string" ? row.name : key,
    parameters: row.parameters.map(String),
    result: row.result,
    calls: row.nonblocking === true ? "nonblocking" : "blocking",
    presence: row.optional === true ? "optional" : "required",
  };
}

function isLayout(value: unknown): value is StructLayout {
  return isNode(value) && typeof value.size === "number" && isNode(value.fields);
}
