// Symbol tables against function declarations: a pure comparison, so that a test can mutate rows.
import type { Declarations, FunctionDeclaration } from "./declarations.ts";
import { nativeType } from "./native_type.ts";
import type { Problem } from "./problem.ts";
import type { NativeType, SymbolRow } from "./tables.ts";

/** What the installed headers say. */
export interface HeaderFacts extends Declarations {
  /** For each file, the headers of our tables that bring it. */
  bringers: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What each row of a variadic function passes after the fixed parameters. */
const VARIADIC_TAILS: Readonly<Record<string, readonly string[]>> = {
  fcntl: ["int"],
  ioctl: ["void *"],
  ioctl_value: ["unsigned long"],
  open: ["mode_t"],
  openat: ["mode_t"],
  syscall: Array<string>(6).fill("unsigned long"),
};

/** Parameters, by position, that point into memory of C: an address, not a buffer of ours. */
const FOREIGN_MEMORY: Readonly<Record<string, readonly number[]>> = {
  mmap: [0],
  munmap: [0],
  madvise: [0],
  fclose: [0], // FILE *, and below
  fread: [3],
  ferror: [0],
  vsnprintf: [2, 3], // libbpf's format and va_list, passed on
};

/**
 * Functions that may run on another thread, where errno stays behind: those that return -errno
 * and those after whose failure there is nothing to decide, or that tell it in another way.
 */
const MAY_BE_NONBLOCKING: ReadonlySet<string> = new Set([
  "bpf_link__destroy",
  "bpf_object__load",
  "close",
  "epoll_wait",
  "fread", // ferror tells
]);

/** Every disagreement between the rows and the headers. */
export function compareSymbols(rows: readonly SymbolRow[], facts: HeaderFacts): Problem[] {
  return [...rows.flatMap((row) => compareRow(row, facts)), ...compareOrder(rows, facts)];
}

/** Disagreements of one row. */
export function compareRow(row: SymbolRow, facts: HeaderFacts): Problem[] {
  const problems: Problem[] = [];
  const report = (message: string) =>
    problems.push({ subject: row.key, header: row.header, message });
  checkName(row, report);
  if (row.calls === "nonblocking" && !MAY_BE_NONBLOCKING.has(row.symbol)) {
    report(`is nonblocking, wanted blocking: its errno would stay on another thread`);
  }
  const declared = facts.functions.get(row.symbol);
  if (declared === undefined) {
    if (row.presence === "required") report(`no installed header declares ${row.symbol}()`);
    return problems;
  }
  const headers = new Set([...declared.files].flatMap((file) => [
    ...facts.bringers.get(file) ?? [],
  ]));
  if (!headers.has(row.header)) {
    report(`${row.header} does not declare ${row.symbol}(), wanted ${[...headers].join(" or ")}`);
  }
  checkParameters(row, declared, facts, report);
  checkResult(row, declared, facts, report);
  return problems;
}

/** A variant is named after its function; `_async` says nonblocking, and nothing else does. */
function checkName(row: SymbolRow, report: (message: string) => void): void {
  const { key, symbol } = row;
  if (key !== symbol && !key.startsWith(`${symbol}_`)) {
    report(`is an alias of ${symbol}(), wanted a name that starts with ${symbol}_`);
  }
  if ((row.calls === "nonblocking") !== (key === `${symbol}_async`)) {
    report(`is ${row.calls}, wanted the suffix _async on nonblocking rows and on no others`);
  }
}

function checkParameters(
  row: SymbolRow,
  declared: FunctionDeclaration,
  facts: HeaderFacts,
  report: (message: string) => void,
): void {
  const tail = declared.arity === "fixed" ? [] : VARIADIC_TAILS[row.key];
  if (tail === undefined) {
    report("is variadic, wanted its further arguments in scripts/ffi/compare_symbols.ts");
    return;
  }
  const wanted = [...declared.parameters, ...tail];
  if (wanted.length !== row.parameters.length) {
    report(`has ${row.parameters.length} parameters, wanted ${wanted.length}`);
    return;
  }
  for (const message of parameterMismatches(row, wanted, facts)) report(message);
}

function parameterMismatches(
  row: SymbolRow,
  shape: readonly string[],
  { typedefs }: HeaderFacts,
): string[] {
  const messages: string[] = [];
  for (const [index, current] of row.parameters.entries()) {
    const type = shape[index] ?? "";
    let wanted = nativeType(type, "parameter", typedefs);
    if (wanted === "buffer" && FOREIGN_MEMORY[row.symbol]?.includes(index)) wanted = "pointer";
    const message = mismatch(current, wanted, type);
    if (message !== null) messages.push(`parameter ${index + 1} ${message}`);
  }
  return messages;
}

function checkResult(
  row: SymbolRow,
  declared: FunctionDeclaration,
  { typedefs }: HeaderFacts,
  report: (message: string) => void,
): void {
  const wanted = nativeType(declared.result, "result", typedefs);
  const message = mismatch(row.result, wanted, declared.result);
  if (message !== null) report(`result ${message}`);
}

function mismatch(current: NativeType, wanted: NativeType | undefined, type: string) {
  if (wanted === current) return null;
  return `is ${current}, wanted ${wanted ?? "a type that can be passed"} (${type})`;
}

/** Rows stand in the order of their header's own declarations, its sub-headers' aside. */
function compareOrder(rows: readonly SymbolRow[], { functions }: HeaderFacts): Problem[] {
  const problems: Problem[] = [];
  const last = new Map<string, { key: string; order: number }>();
  for (const { header, key, symbol } of rows) {
    const declared = functions.get(symbol);
    if (!declared?.files.has(header)) continue;
    const { order } = declared;
    const before = last.get(header);
    if (before !== undefined && before.order > order) {
      problems.push({ subject: key, header, message: `stands after ${before.key}, wanted before` });
    }
    last.set(header, { key, order });
  }
  return problems;
}
