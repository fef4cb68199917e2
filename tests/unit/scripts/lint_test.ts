import assert from "node:assert/strict";
import kernelTests from "../../../scripts/lint/kernel_tests.ts";
import layers from "../../../scripts/lint/layers.ts";
import style from "../../../scripts/lint/style.ts";
import { repository } from "../../../scripts/paths.ts";

/** The rules that a source breaks, were it the file at `path`. */
function broken(plugin: Deno.lint.Plugin, path: string, source: string): string[] {
  const file = new URL(path, repository).pathname;
  return Deno.lint.runPlugin(plugin, file, source).map(({ id }) => id);
}

const importForms = [
  'import { a } from "../kernel/map.ts";',
  'import type { A } from "../kernel/map.ts";',
  'import "../kernel/map.ts";',
  'export { a } from "../kernel/map.ts";',
  'export * from "../kernel/map.ts";',
  'export type { A } from "../kernel/map.ts";',
  'const a = await import("../kernel/map.ts");',
  'export type A = import("../kernel/map.ts").A;',
];

Deno.test("layers/imports sees every form in which a file can be imported", () => {
  for (const source of importForms) {
    assert.deepEqual(broken(layers, "src/btf/a.ts", source), ["layers/imports"], source);
    assert.deepEqual(broken(layers, "src/session/a.ts", source), [], source);
  }
});

Deno.test("layers/imports lets tools have types of the kernel layer and no values", () => {
  const types = [
    'import type { A } from "../kernel/map.ts";',
    'import { type A, type B } from "../kernel/map.ts";',
    'export type { A } from "../kernel/map.ts";',
    'export type A = import("../kernel/map.ts").A;',
  ];
  for (const source of types) assert.deepEqual(broken(layers, "src/tools/a.ts", source), []);
  const mixed = 'import { type A, b } from "../kernel/map.ts";';
  assert.deepEqual(broken(layers, "src/tools/a.ts", mixed), ["layers/imports"]);
});

Deno.test("layers/imports refuses an import() whose target cannot be read", () => {
  const source = "const name = Math.random(); await import(`../${name}.ts`);";
  assert.deepEqual(broken(layers, "src/session/a.ts", source), ["layers/imports"]);
  assert.deepEqual(broken(layers, "scripts/a.ts", source), []);
});

Deno.test("layers/imports refuses the MCP SDK outside src/server", () => {
  const source = 'import { Server } from "@modelcontextprotocol/sdk/server/index.js";';
  assert.deepEqual(broken(layers, "src/tools/a.ts", source), ["layers/imports"]);
  assert.deepEqual(broken(layers, "src/server/a.ts", source), []);
});

Deno.test("layers/dlopen lets only ffi/library.ts open a library", () => {
  for (const source of ['Deno.dlopen("a", {});', 'Deno["dlopen"]("a", {});']) {
    assert.deepEqual(broken(layers, "src/kernel/a.ts", source), ["layers/dlopen"]);
    assert.deepEqual(broken(layers, "ffi/errno.ts", source), ["layers/dlopen"]);
    assert.deepEqual(broken(layers, "ffi/library.ts", source), []);
  }
});

Deno.test("layers/stdout refuses the console in src, ffi and main.ts", () => {
  for (const path of ["src/cli/a.ts", "ffi/library.ts", "main.ts"]) {
    assert.deepEqual(broken(layers, path, "console.error(1);"), ["layers/stdout"]);
  }
  assert.deepEqual(broken(layers, "tests/unit/a.ts", "console.log(1);"), []);
});

Deno.test("layers/purity keeps files and clocks out of the pure folders", () => {
  for (const source of ["Deno.pid;", "Date.now();", "new Date();", "setTimeout(() => {}, 1);"]) {
    assert.deepEqual(broken(layers, "src/btf/a.ts", source), ["layers/purity"], source);
    assert.deepEqual(broken(layers, "src/kernel/a.ts", source), [], source);
  }
});

Deno.test("layers/state refuses a module-level let, exported or not", () => {
  for (const source of ["let a = 1; a++;", "export let a = 1; a++;"]) {
    assert.deepEqual(broken(layers, "src/kernel/a.ts", source), ["layers/state"]);
    assert.deepEqual(broken(layers, "ffi/library.ts", source), []);
  }
  assert.deepEqual(broken(layers, "src/kernel/a.ts", "{ let a = 1; a++; }"), []);
});

Deno.test("style/size counts the lines of files and functions, and columns", () => {
  const size = ["style/size"];
  assert.deepEqual(broken(style, "src/a.ts", "\n".repeat(400)), []);
  assert.deepEqual(broken(style, "src/a.ts", "\n".repeat(401)), size);
  assert.deepEqual(broken(style, "src/a.ts", `function f() {${"\n".repeat(59)}}`), []);
  assert.deepEqual(broken(style, "src/a.ts", `function f() {${"\n".repeat(60)}}`), size);
  assert.deepEqual(broken(style, "src/a.ts", `// ${"x".repeat(97)}\n`), []);
  assert.deepEqual(broken(style, "src/a.ts", `// ${"x".repeat(98)}\n`), size);
  assert.deepEqual(broken(style, "src/a.ts", `// https://${"x".repeat(98)}\n`), []);
  assert.deepEqual(broken(style, "src/a.ts", `f(\n"${"x".repeat(98)}",\n);\n`), []);
});

Deno.test("style/assertions allows as const and as unknown in src, and no other", () => {
  for (const source of ["[1] as const;", "f() as unknown;", "import { a as b } from 'x';"]) {
    assert.deepEqual(broken(style, "src/btf/a.ts", source), [], source);
  }
  assert.deepEqual(broken(style, "src/btf/a.ts", "f() as Item;"), ["style/assertions"]);
  assert.deepEqual(broken(style, "src/btf/a.ts", "<Item>f();"), ["style/assertions"]);
  assert.deepEqual(broken(style, "ffi/memory.ts", "f() as Item;"), []);
});

Deno.test("style/zod allows types of z.core in src, and no value", () => {
  const type = 'import * as z from "zod"; export type A = z.core.$ZodIssue;';
  assert.deepEqual(broken(style, "src/cli/a.ts", type), []);
  assert.deepEqual(broken(style, "src/cli/a.ts", "z.core.toDotPath([]);"), ["style/zod"]);
  assert.deepEqual(broken(style, "tests/unit/a.ts", "z.core.toDotPath([]);"), []);
});

Deno.test("kernel-tests/leak-checked refuses a test that goes round the leak check", () => {
  const sources = [
    'Deno.test("a", () => {});',
    'Deno["test"]("a", () => {});',
    "const { test } = Deno; test.only();",
    'import { test } from "node:test";',
  ];
  for (const source of sources) {
    for (const path of ["tests/kernel/a_test.ts", "tests/e2e/deep/a_test.ts"]) {
      assert.deepEqual(broken(kernelTests, path, source), ["kernel-tests/leak-checked"], source);
    }
    assert.deepEqual(broken(kernelTests, "tests/unit/a_test.ts", source), []);
  }
  assert.deepEqual(broken(kernelTests, "tests/kernel/a_test.ts", 'kernelTest("a", () => {});'), []);
});
