// Lint plugin: what touches the kernel is tested under the leak check.

import { pathInRepository } from "../paths.ts";

/** Folders whose tests load programs, or start servers that do. */
const FOLDERS = [
  "tests/kernel/",
  "tests/e2e/",
  "tests/conformance/",
  "tests/matrix/",
  "bpf/gadgets/",
];

const message = "Tests here are written with kernelTest (tests/support/kernel_test.ts) or " +
  "gadgetTest (tests/support/gadgets.ts), which fail the one that leaks";

const leakChecked: Deno.lint.Rule = {
  create(context) {
    const path = pathInRepository(context.filename) ?? "";
    if (!FOLDERS.some((folder) => path.startsWith(folder))) return {};
    return {
      MemberExpression(node) {
        if (node.object.type !== "Identifier" || node.object.name !== "Deno") return;
        if (/^\W*test\W*$/.test(context.sourceCode.getText(node.property))) {
          context.report({ node, message });
        }
      },
      VariableDeclarator(node) {
        if (node.id.type !== "ObjectPattern" || node.init?.type !== "Identifier") return;
        if (node.init.name === "Deno") context.report({ node, message });
      },
      ImportDeclaration(node) {
        if (node.source.value === "node:test") context.report({ node, message });
      },
    };
  },
};

const plugin: Deno.lint.Plugin = { name: "kernel-tests", rules: { "leak-checked": leakChecked } };

export default plugin;
