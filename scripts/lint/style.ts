// Lint plugin: what HOUSE_STYLE says about size and type assertions, and what makes starts slow.

import { pathInRepository } from "../paths.ts";

const FILE_LINES = 400;
const FUNCTION_LINES = 60;
const COLUMNS = 100;

const size: Deno.lint.Rule = {
  create(context) {
    const { text } = context.sourceCode;
    const starts = lineStarts(text);
    const checkFunction = (node: Deno.lint.Node) => {
      const lines = lineOf(starts, node.range[1]) - lineOf(starts, node.range[0]) + 1;
      if (lines <= FUNCTION_LINES) return;
      const message = `A function has at most ${FUNCTION_LINES} lines, this one has ${lines}`;
      context.report({ range: [node.range[0], node.range[0] + 1], message });
    };
    return {
      Program() {
        const lines = starts.length - (text.endsWith("\n") ? 1 : 0);
        if (lines > FILE_LINES) {
          const message = `A file has at most ${FILE_LINES} lines, this one has ${lines}`;
          context.report({ range: [0, 1], message });
        }
        for (const range of longLines(text, starts)) {
          context.report({ range, message: `A line has at most ${COLUMNS} columns` });
        }
      },
      FunctionDeclaration: checkFunction,
      FunctionExpression: checkFunction,
      ArrowFunctionExpression: checkFunction,
    };
  },
};

const assertions: Deno.lint.Rule = {
  create(context) {
    if (!pathInRepository(context.filename)?.startsWith("src/")) return {};
    return {
      TSAsExpression(node) {
        if (/\bas\s+(const|unknown)$/.test(context.sourceCode.getText(node))) return;
        const message = "Type assertions live only in ffi/: narrow the value instead";
        context.report({ node, message });
      },
      TSTypeAssertion(node) {
        context.report({ node, message: "Type assertions live only in ffi/" });
      },
    };
  },
};

/** Values of these keep all of zod's locales in the executable: 300 KB and 14 ms of each start. */
const HEAVY_ZOD = ["core", "locales", "util"];

const zod: Deno.lint.Rule = {
  create(context) {
    if (!pathInRepository(context.filename)?.startsWith("src/")) return {};
    return {
      MemberExpression(node) {
        if (node.object.type !== "Identifier" || node.object.name !== "z") return;
        if (node.property.type !== "Identifier") return;
        if (!HEAVY_ZOD.includes(node.property.name)) return;
        const message = `z.${node.property.name} as a value brings every locale: use types only`;
        context.report({ node, message });
      },
    };
  },
};

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The index of the line that holds `offset`. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}

/** Lines that are too long, save those that cannot be broken: an address, or a single word. */
function longLines(text: string, starts: readonly number[]): [number, number][] {
  const long: [number, number][] = [];
  for (const [index, start] of starts.entries()) {
    const end = (starts[index + 1] ?? text.length + 1) - 1;
    if (end - start <= COLUMNS) continue;
    const line = text.slice(start, end).trim();
    if (line.includes("://") || !line.includes(" ")) continue;
    long.push([start, end]);
  }
  return long;
}

const plugin: Deno.lint.Plugin = { name: "style", rules: { size, assertions, zod } };

export default plugin;
