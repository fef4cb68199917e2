// Holds ffi/ against the installed headers (clang's AST, offsetof), the shared libraries and the
// running kernel's BTF. One line per disagreement; exit 1 if there is any.
import { libbpfSymbols, libcSymbols } from "../ffi/library.ts";
import { compareConstants, compareSystemCalls } from "./ffi/compare_constants.ts";
import { compareLayout, type StructSource } from "./ffi/compare_layouts.ts";
import { compareOpened } from "./ffi/compare_opened.ts";
import { compareSymbols } from "./ffi/compare_symbols.ts";
import { type Headers, readHeaders, readSystemCallFacts } from "./ffi/headers.ts";
import { readKernelStructs } from "./ffi/kernel_structs.ts";
import { type Problem, problemLine } from "./ffi/problem.ts";
import { compareExports, type Exports, readExports } from "./ffi/shared_objects.ts";
import { readTables, type Tables } from "./ffi/tables.ts";
import { embeddedFolder } from "./paths.ts";
import { exists } from "./tree.ts";

/** Everything that is true of this machine, read once. */
export interface Truth {
  headers: Headers;
  structs: StructSource[];
  systemCalls: Awaited<ReturnType<typeof readSystemCallFacts>>;
  exports: Exports[];
}

/** Reads headers, libraries and kernel for the claims of `tables`. */
export async function readTruth(tables: Tables): Promise<Truth> {
  const [headers, kernel, systemCalls, exports] = await Promise.all([
    readHeaders(tables),
    readKernelStructs(),
    readSystemCallFacts(),
    readAllExports(),
  ]);
  const structs = kernel === null ? [headers.structs] : [headers.structs, kernel];
  return { headers, structs, systemCalls, exports };
}

/** Every disagreement between the tables and the truth. Pure. */
export function compareAll(tables: Tables, truth: Truth): Problem[] {
  const { rows, layouts, constants, systemCalls } = tables;
  return [
    ...compareSymbols(rows, truth.headers.facts),
    ...truth.exports.flatMap((exports) =>
      compareExports(rows.filter(({ library }) => library === exports.library), exports)
    ),
    ...layouts.flatMap((layout) => compareLayout(layout, truth.structs)),
    ...compareConstants(constants, truth.headers.constants),
    ...compareSystemCalls(systemCalls, truth.systemCalls),
  ];
}

async function readAllExports(): Promise<Exports[]> {
  const wanted = [
    readExports("libc", "libc.so.6", await libraryPath("libc.so.6")),
    readExports("libbpf", "the system's libbpf.so.1", await libraryPath("libbpf.so.1")),
  ];
  const embedded = new URL("libbpf.so.1", embeddedFolder);
  if (exists(embedded.pathname)) {
    wanted.push(readExports("libbpf", "the embedded libbpf.so.1", embedded.pathname));
  }
  return await Promise.all(wanted);
}

/** Where clang would link the library from. */
async function libraryPath(name: string): Promise<string> {
  const command = new Deno.Command("clang", { args: [`-print-file-name=${name}`] });
  return new TextDecoder().decode((await command.output()).stdout).trim();
}

async function main(): Promise<void> {
  const tables = await readTables();
  const problems = [
    ...compareOpened(tables.rows, { libc: libcSymbols, libbpf: libbpfSymbols }),
    ...compareAll(tables, await readTruth(tables)),
  ];
  const report = (line: string) => Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
  for (const problem of problems) report(problemLine(problem));
  const { rows, layouts, constants } = tables;
  const fields = layouts.flatMap(({ fields }) => Object.keys(fields)).length;
  report(
    `check_ffi: ${rows.length} symbols, ${layouts.length} structs with ${fields} members, ` +
      `${constants.length} constants: ${problems.length} problems`,
  );
  if (problems.length > 0) Deno.exit(1);
}

if (import.meta.main) await main();
