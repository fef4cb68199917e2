// Asks clang, in two runs over one text with all headers, for everything that the tables claim.
import type { FieldLayout } from "../../ffi/struct.ts";
import { clang, includeLines } from "./clang.ts";
import type { ConstantFacts, SystemCallFacts } from "./compare_constants.ts";
import { type StructFacts, type StructSource, typeName } from "./compare_layouts.ts";
import type { HeaderFacts } from "./compare_symbols.ts";
import { type Declarations, readDeclarations } from "./declarations.ts";
import { bringers } from "./include_tree.ts";
import { macroFiles } from "./macros.ts";
import { evaluate } from "./probes.ts";
import { CONSTANT_HEADERS } from "./source_constants.ts";
import type { Tables } from "./tables.ts";

/** The tables that claim something about headers. */
type Claims = Omit<Tables, "systemCalls">;

export interface Headers {
  facts: HeaderFacts;
  structs: StructSource;
  constants: Map<string, ConstantFacts>;
}

/** Reads every header that the claims name. */
export async function readHeaders(claims: Claims): Promise<Headers> {
  const { rows, layouts } = claims;
  const claimed = [...rows, ...layouts].map(({ header }) => header);
  const wanted = new Set([...CONSTANT_HEADERS, ...claimed]);
  const includes = includeLines(wanted);
  const [ast, macros] = await Promise.all([
    clang(includes, ["-H", "-fsyntax-only", "-Xclang", "-ast-dump=json"]),
    clang(includes, ["-E", "-dD"]),
  ]);
  const missing = /fatal error: (.*)/.exec(ast.stderr);
  if (missing !== null) throw new Error(`Cannot read the headers: ${missing[1]}`);
  const declarations = readDeclarations(ast.stdout);
  const facts = { ...declarations, bringers: bringers(ast.stderr, wanted) };
  const values = await evaluate(includes, expressions(claims, declarations));
  return {
    facts,
    structs: structSource(facts, values),
    constants: constantFacts(claims.constants, facts, values, macroFiles(macros.stdout)),
  };
}

function expressions({ layouts, constants }: Claims, declarations: Declarations): string[] {
  const wanted = constants.map(({ name }) => name);
  for (const layout of layouts) {
    const { name, fields } = layout;
    const members = declarations.structs.get(name)?.members ?? [];
    const type = typeName(layout);
    wanted.push(`sizeof(${type})`, `_Alignof(${type})`);
    for (const designator of new Set([...members, ...Object.keys(fields)])) {
      wanted.push(offsetExpression(type, designator), sizeExpression(type, designator));
    }
  }
  return wanted;
}

/** An address, not offsetof: clang 14 crashes on some whose nested member does not exist. */
function offsetExpression(type: string, designator: string): string {
  return `(unsigned long)&((${type} *)0)->${designator}`;
}

function sizeExpression(type: string, designator: string): string {
  return `sizeof(((${type} *)0)->${designator})`;
}

function structSource(facts: HeaderFacts, values: ReadonlyMap<string, bigint>): StructSource {
  return {
    name: "headers",
    headersOf(struct) {
      const found = facts.structs.get(struct);
      return found === undefined ? undefined : facts.bringers.get(found.file) ?? new Set();
    },
    find(layout): StructFacts | undefined {
      const { name } = layout;
      const type = typeName(layout);
      const size = values.get(`sizeof(${type})`);
      if (size === undefined) return undefined;
      const member = (designator: string): FieldLayout | undefined => {
        const offset = values.get(offsetExpression(type, designator));
        const bytes = values.get(sizeExpression(type, designator));
        if (offset === undefined || bytes === undefined) return undefined;
        return [Number(offset), Number(bytes)];
      };
      const members = facts.structs.get(name)?.members.map(member) ?? [];
      return {
        size: Number(size),
        alignment: Number(values.get(`_Alignof(${type})`) ?? 1n),
        memberEnds: members.flatMap((field) => field === undefined ? [] : field[0] + field[1]),
        member,
      };
    },
  };
}

function constantFacts(
  constants: Claims["constants"],
  { bringers, enumerators }: HeaderFacts,
  values: ReadonlyMap<string, bigint>,
  macros: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, ConstantFacts> {
  const found = new Map<string, ConstantFacts>();
  for (const { name } of constants) {
    const value = values.get(name);
    const [macro] = macros.get(name) ?? [];
    const file = enumerators.get(name) ?? macro;
    if (value === undefined || file === undefined) continue;
    const [header = file] = bringers.get(file) ?? [];
    found.set(name, { value, header });
  }
  return found;
}

/** System call numbers: the host's own header by value, the generic one (arm64) by its text. */
export async function readSystemCallFacts(): Promise<Map<string, SystemCallFacts>> {
  const headers = { x86_64: "asm/unistd_64.h", aarch64: "asm-generic/unistd.h" };
  const found = new Map<string, SystemCallFacts>();
  for (const [architecture, header] of Object.entries(headers)) {
    const { stdout } = await clang(`#include <${header}>\n`, ["-E", "-dM"]);
    const numbers = new Map<string, bigint>();
    for (const [, name = "", number = ""] of stdout.matchAll(/^#define __NR_(\w+) (\d+)$/gm)) {
      numbers.set(name, BigInt(number));
    }
    found.set(architecture, { header, numbers });
  }
  return found;
}
