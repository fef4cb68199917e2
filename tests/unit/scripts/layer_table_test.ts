import assert from "node:assert/strict";
import { packageRefusal, refusal } from "../../../scripts/lint/layer_table.ts";

const allowed: [from: string, to: string, kind: "value" | "type"][] = [
  ["src/btf/layout.ts", "src/btf/btf.ts", "value"],
  ["src/btf/layout.ts", "src/view/text.ts", "value"],
  ["src/btf/layout.ts", "src/errors.ts", "value"],
  ["src/errors.ts", "src/errno.ts", "value"],
  ["src/kernel/link.ts", "ffi/library.ts", "value"],
  ["src/symbols/kernel.ts", "src/host/kallsyms.ts", "value"],
  ["src/session/session.ts", "src/kernel/link.ts", "value"],
  ["src/tools/map_dump.ts", "src/kernel/map.ts", "type"],
  ["src/server/registry.ts", "src/tools/define_tool.ts", "value"],
  ["src/cli/serve.ts", "src/config.ts", "value"],
  ["main.ts", "src/kernel/map.ts", "value"],
  ["tests/unit/x_test.ts", "src/kernel/map.ts", "value"],
  ["scripts/build.ts", "src/version.ts", "value"],
];

const refused: [from: string, to: string, kind: "value" | "type", why: string][] = [
  ["ffi/library.ts", "src/btf/btf.ts", "type", "ffi may not import src/btf"],
  ["src/btf/btf.ts", "ffi/library.ts", "type", "src/btf may not import ffi"],
  ["src/btf/btf.ts", "src/errno.ts", "value", "src/btf may not import src/errno.ts"],
  ["src/kernel/map.ts", "src/host/procfs.ts", "type", "src/kernel may not import src/host"],
  ["src/kernel/map.ts", "src/log.ts", "value", "src/kernel may not import src/log.ts"],
  ["src/tools/a.ts", "src/host/b.ts", "value", "src/tools may import only types of src/host"],
  ["src/tools/a.ts", "ffi/errno.ts", "type", "src/tools may not import ffi"],
  ["src/session/a.ts", "src/server/b.ts", "type", "src/session may not import src/server"],
  ["src/server/a.ts", "src/kernel/b.ts", "type", "src/server may not import src/kernel"],
  ["src/cli/a.ts", "src/kernel/b.ts", "type", "src/cli may not import src/kernel"],
  ["src/btf/a.ts", "src/btfs/b.ts", "value", "src/btf may not import src/btfs"],
  ["src/new/a.ts", "src/btf/b.ts", "value", '"src/new/a.ts" belongs to no row of the layer table'],
];

Deno.test("refusal lets each layer import what its row allows", () => {
  for (const [from, to, kind] of allowed) {
    assert.equal(refusal(from, to, kind), null, `${from} -> ${to} (${kind})`);
  }
});

Deno.test("refusal names both layers when the row does not allow an import", () => {
  for (const [from, to, kind, why] of refused) {
    assert.equal(refusal(from, to, kind), why);
  }
});

Deno.test("packageRefusal keeps the MCP SDK in src/server, whatever its specifier", () => {
  const why = "@modelcontextprotocol/sdk may be imported only in src/server";
  const deep = "@modelcontextprotocol/sdk/types.js";
  assert.equal(packageRefusal("src/server/stdio.ts", deep), null);
  assert.equal(packageRefusal("tests/e2e/client.ts", deep), null);
  assert.equal(packageRefusal("src/tools/a.ts", deep), why);
  assert.equal(packageRefusal("main.ts", "@modelcontextprotocol/sdk"), why);
  assert.equal(packageRefusal("src/cli/a.ts", "npm:@modelcontextprotocol/sdk@1.32.2"), why);
  assert.equal(packageRefusal("src/tools/a.ts", "zod"), null);
});
