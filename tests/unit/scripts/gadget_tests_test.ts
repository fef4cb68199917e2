// The gadgets' tests: each is where it belongs, and is taken in.
import assert from "node:assert/strict";
import { findGadgets } from "../../../scripts/bpf/gadget_sources.ts";
import { repository } from "../../../scripts/paths.ts";
import { gadgetRows } from "../../matrix/gadgets.ts";

Deno.test("every gadget has its row in the matrix and its test among those that run", async () => {
  const names = (await findGadgets()).map(({ name }) => name);
  assert.deepEqual(Object.keys(gadgetRows).sort(), names);
  const joined = await Deno.readTextFile(new URL("tests/matrix/gadgets_test.ts", repository));
  const imported = [
    ...joined.matchAll(/^import "\.\.\/\.\.\/bpf\/gadgets\/(\w+)\/\1_test\.ts";$/gm),
  ];
  assert.deepEqual(imported.map(([, name]) => name).sort(), names);
});

Deno.test("every gadget has as many tests as its row says", async () => {
  for (const [name, { tests }] of Object.entries(gadgetRows)) {
    const path = new URL(`bpf/gadgets/${name}/${name}_test.ts`, repository);
    const written = (await Deno.readTextFile(path)).match(/^gadgetTest\(/gm) ?? [];
    assert.equal(written.length, tests, name);
  }
});
