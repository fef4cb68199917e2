// Writes skeletons as TypeScript. The same object gives the same text on every machine.
import type { Gadget } from "../../src/gadgets/skeleton.ts";

const COLUMNS = 100;

/** The module of one gadget, without line 1. */
export function skeletonText(gadget: Gadget): string {
  const variable = variableName(gadget.name);
  return [
    'import type { Gadget } from "./skeleton.ts";',
    "",
    `export const ${variable} = ${literal(gadget, "")} as const satisfies Gadget;`,
    "",
  ].join("\n");
}

/** The module that lists all gadgets, without line 1. */
export function listText(names: readonly string[]): string {
  return [
    ...names.map((name) => `import { ${variableName(name)} } from "./${name}.skel.gen.ts";`),
    'import type { Gadget } from "./skeleton.ts";',
    "",
    "/** Every gadget that is built in, by name. */",
    `export const gadgets: readonly Gadget[] = [${names.map(variableName).join(", ")}];`,
    "",
  ].join("\n");
}

/** exec_snoop -> execSnoop */
function variableName(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A JSON-like value as a literal: on one line where it fits. */
function literal(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const parts = Array.isArray(value)
    ? value.map((element) => literal(element, deeper))
    : Object.entries(value).map(([key, member]) => `${key}: ${literal(member, deeper)}`);
  const space = Array.isArray(value) || parts.length === 0 ? "" : " ";
  const line = `${open}${space}${parts.join(", ")}${space}${close}`;
  const isShort = indent.length + line.length <= COLUMNS - 20 && !line.includes("\n");
  if (isShort) return line;
  return [open, ...parts.map((part) => `${deeper}${part},`), `${indent}${close}`].join("\n");
}
