// Values of constant expressions, as clang computes them: no program is linked or run.
import { clang } from "./clang.ts";
import { isNode, type JsonNode, nodesOf, textOf } from "./json_node.ts";

/**
 * The value of each expression that is valid after `includes`. Each becomes an enumerator, whose
 * value clang prints; what a header lacks is an error there and absent here.
 */
export async function evaluate(
  includes: string,
  expressions: Iterable<string>,
): Promise<Map<string, bigint>> {
  const unique = [...new Set(expressions)];
  const enumerators = unique.map((expression, index) => `  ffi_${index} = ${expression},\n`);
  const source = `${includes}enum ffi_probes {\n  ffi_start = 0,\n${enumerators.join("")}};\n`;
  const filter = ["-ast-dump=json", "-ast-dump-filter", "ffi_probes"];
  const { stdout } = await clang(source, [
    "-fsyntax-only",
    ...filter.flatMap((option) => ["-Xclang", option]),
  ]);
  const json: unknown = JSON.parse(stdout.slice(stdout.indexOf("{")));
  const values = new Map<string, bigint>();
  for (const node of isNode(json) ? nodesOf(json, "inner") : []) {
    const index = /^ffi_(\d+)$/.exec(textOf(node, "name") ?? "")?.[1];
    const value = constantOf(node);
    if (index !== undefined && value !== undefined) {
      values.set(unique[Number(index)] ?? "", BigInt(value));
    }
  }
  return values;
}

function constantOf(node: JsonNode): string | undefined {
  for (const inner of nodesOf(node, "inner")) {
    const value = inner.kind === "ConstantExpr" ? textOf(inner, "value") : constantOf(inner);
    if (value !== undefined) return value;
  }
  return undefined;
}
