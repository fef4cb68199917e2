// Lint plugin: the layer table, held over every import, export-from, import() and import type,
// and the doors that stand in one place only (dlopen, stdout, files and clocks, state).
import { type ImportKind, isLayered, isPure, packageRefusal, refusal } from "./layer_table.ts";
import { pathInRepository, repository } from "../paths.ts";

/** Globals by which a pure function would reach files, clocks or the network. */
const impureGlobals = ["Deno", "Date", "performance", "fetch", "crypto", "setTimeout"];

const imports: Deno.lint.Rule = {
  create(context) {
    const from = pathInRepository(context.filename);
    if (from === null) return {};
    const check = (node: Deno.lint.Node, specifier: string, kind: ImportKind) => {
      const message = importRefusal(from, specifier, kind);
      if (message !== null) context.report({ node, message });
    };
    return {
      ImportDeclaration(node) {
        check(node, node.source.value, importKind(node));
      },
      ExportAllDeclaration(node) {
        check(node, node.source.value, node.exportKind);
      },
      ExportNamedDeclaration(node) {
        if (node.source !== null) check(node, node.source.value, exportKind(node));
      },
      ImportExpression(node) {
        if (node.source.type === "Literal" && typeof node.source.value === "string") {
          check(node, node.source.value, "value");
        } else if (isLayered(from)) {
          context.report({ node, message: "import() wants a literal, so that its layer is known" });
        }
      },
      TSImportType(node) {
        const { argument } = node;
        if (argument.type !== "TSLiteralType") return;
        if (argument.literal.type !== "Literal") return;
        check(node, String(argument.literal.value), "type");
      },
    };
  },
};

const dlopen: Deno.lint.Rule = {
  create(context) {
    const from = pathInRepository(context.filename);
    if (from === null || !isLayered(from) && from !== "main.ts") return {};
    if (from === "ffi/library.ts") return {};
    return {
      MemberExpression(node) {
        if (!isMember(node, "Deno", "dlopen")) return;
        context.report({ node, message: "Deno.dlopen stands only in ffi/library.ts" });
      },
    };
  },
};

const stdout: Deno.lint.Rule = {
  create(context) {
    const from = pathInRepository(context.filename);
    if (from === null || !isLayered(from) && from !== "main.ts") return {};
    return {
      MemberExpression(node) {
        if (node.object.type !== "Identifier" || node.object.name !== "console") return;
        context.report({ node, message: "No console here: stdout belongs to the protocol" });
      },
    };
  },
};

const purity: Deno.lint.Rule = {
  create(context) {
    const from = pathInRepository(context.filename);
    if (from === null || !isPure(from)) return {};
    const report = (node: Deno.lint.Node, name: string) => {
      const message = `A pure folder knows no files and no clocks: "${name}" is out of reach here`;
      context.report({ node, message });
    };
    return {
      MemberExpression({ object }) {
        if (object.type !== "Identifier" || !impureGlobals.includes(object.name)) return;
        report(object, object.name);
      },
      CallExpression({ callee }) {
        if (callee.type !== "Identifier" || !impureGlobals.includes(callee.name)) return;
        report(callee, callee.name);
      },
      NewExpression({ callee }) {
        if (callee.type !== "Identifier" || !impureGlobals.includes(callee.name)) return;
        report(callee, callee.name);
      },
    };
  },
};

const state: Deno.lint.Rule = {
  create(context) {
    const from = pathInRepository(context.filename);
    if (from === null || !isLayered(from) || from === "ffi/library.ts") return {};
    return {
      VariableDeclaration(node) {
        const top = node.parent.type === "ExportNamedDeclaration"
          ? node.parent.parent
          : node.parent;
        if (node.kind === "const" || top.type !== "Program") return;
        context.report({ node, message: "No module-level mutable state: give it an owner" });
      },
    };
  },
};

function importRefusal(from: string, specifier: string, kind: ImportKind): string | null {
  if (!specifier.startsWith(".")) return packageRefusal(from, specifier);
  const target = pathInRepository(new URL(specifier, new URL(from, repository)).href);
  if (target === null) return "An import may not leave the repository";
  return refusal(from, target, kind);
}

function importKind(node: Deno.lint.ImportDeclaration): ImportKind {
  if (node.importKind === "type") return "type";
  if (node.specifiers.length === 0) return "value";
  const typesOnly = node.specifiers.every((specifier) =>
    specifier.type === "ImportSpecifier" && specifier.importKind === "type"
  );
  return typesOnly ? "type" : "value";
}

function exportKind(node: Deno.lint.ExportNamedDeclaration): ImportKind {
  if (node.exportKind === "type") return "type";
  if (node.specifiers.length === 0) return "value";
  return node.specifiers.every((specifier) => specifier.exportKind === "type") ? "type" : "value";
}

function isMember(node: Deno.lint.MemberExpression, object: string, property: string): boolean {
  if (node.object.type !== "Identifier" || node.object.name !== object) return false;
  return node.property.type === "Identifier"
    ? node.property.name === property
    : node.property.type === "Literal" && node.property.value === property;
}

const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: { imports, dlopen, stdout, purity, state },
};

export default plugin;
