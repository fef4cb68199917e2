// A minifier that loses a `using` leaks whatever it holds: descriptors, links, mappings. And a
// schema that is made late must be the schema that was written.
import assert from "node:assert/strict";
import { bundle } from "../../scripts/bundle.ts";
import { locked, mustRun } from "../../scripts/command.ts";
import { repository } from "../../scripts/paths.ts";
import { kernelTest } from "../support/kernel_test.ts";

const program = `
class Held {
  constructor(readonly name: string) {}
  [Symbol.dispose]() { console.log("released " + this.name); }
}
function* walk() { for (const name of ["a", "b"]) { using held = new Held(name); yield { held }; } }
function read() { using held = new Held("c"); return held.name; }
function take(given: Held) { using held = given; return held.name; }
for (const { held } of walk()) console.log("saw " + held.name);
console.log(read());
console.log(take(new Held("d")));
`;

kernelTest("the bundle releases everything that the source releases", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const entry = new URL(`file://${folder}/entry.ts`);
    const output = new URL(`file://${folder}/bundled.js`);
    await Deno.writeTextFile(entry, program);
    await bundle(entry, output);
    const fromSource = await mustRun(Deno.execPath(), ["run", "--no-config", entry.pathname]);
    const bundled = await mustRun(Deno.execPath(), ["run", "--no-config", output.pathname]);
    assert.equal(fromSource.split("\n").filter((line) => line.startsWith("released")).length, 4);
    assert.equal(bundled, fromSource);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

kernelTest(
  "the bundle runs what is imported late when it is asked for, from its own file",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const entry = new URL(`file://${folder}/entry.ts`);
      const output = new URL(`file://${folder}/out/bundled.js`);
      await Deno.writeTextFile(
        `${folder}/shared.ts`,
        'console.log("shared");\nexport const n = [1];',
      );
      await Deno.writeTextFile(
        `${folder}/late.ts`,
        'import { n } from "./shared.ts"; console.log("late"); n.push(2); export { n };',
      );
      await Deno.writeTextFile(
        entry,
        'import { n } from "./shared.ts"; console.log("first");' +
          'const late = await import("./late.ts"); console.log(late.n === n, n.length);',
      );
      await bundle(entry, output);
      const first = await Deno.readTextFile(output);
      assert.doesNotMatch(first, /"late"/);
      const bundled = await mustRun(Deno.execPath(), ["run", "-A", "--no-config", output.pathname]);
      assert.equal(bundled, "shared\nfirst\nlate\ntrue 2\n");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/** Uses of zod that the stand-in must not change: chains, shapes, recursion, messages. */
const schemas = `
import * as z from "zod";
const base = z.object({ id: z.int().min(1), name: z.string().max(8).optional() });
const other = z.looseObject({ ...base.shape, kind: z.literal("a") });
const node = z.object({ value: z.number(), get next() { return node.optional(); } });
const tool = z.strictObject({
  list: z.array(z.enum(["x", "y"])).min(1).default(["x"]).describe("What"),
  either: z.discriminatedUnion("kind", [other, base.extend({ kind: z.literal("b") })]),
  map: z.record(z.string(), z.unknown()).nullable(),
  node,
});
console.log(JSON.stringify(z.toJSONSchema(tool, { io: "input" })));
console.log(JSON.stringify(z.toJSONSchema(base.partial(), { io: "output" })));
for (const next of [undefined, { value: 2 }]) {
  const given = { either: { kind: "b", id: 7 }, map: null, node: { value: 1, next } };
  console.log(JSON.stringify(tool.safeParse(given)));
}
console.log(JSON.stringify(tool.safeParse({ either: { kind: "c" }, more: 1 }).error?.issues));
console.log(tool.shape.list.unwrap() instanceof Object, Object.keys(tool.shape));
console.log("safeParse" in base, "nothing" in base);
const held = { inner: { deep: true } };
console.log(z.object({ inner: z.unknown() }).parse(held).inner === held.inner);
`;

kernelTest("the bundle's schemas are those of the source, made late", async () => {
  const folder = await Deno.makeTempDir({ dir: repository.pathname });
  try {
    const entry = new URL(`file://${folder}/entry.ts`);
    const output = new URL(`file://${folder}/bundled.js`);
    await Deno.writeTextFile(entry, schemas);
    await bundle(entry, output);
    const fromSource = await mustRun(Deno.execPath(), locked("run", entry.pathname));
    const bundled = await mustRun(Deno.execPath(), ["run", "--no-config", output.pathname]);
    assert.match(fromSource, /"const":"b"/);
    assert.equal(bundled, fromSource);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

kernelTest("the bundle is not made when it lacks a part of zod", async () => {
  const folder = await Deno.makeTempDir({ dir: repository.pathname });
  try {
    const entry = new URL(`file://${folder}/entry.ts`);
    await Deno.writeTextFile(
      entry,
      'import * as z from "zod"; console.log(z.templateLiteral(["a"]));',
    );
    const output = new URL(`file://${folder}/bundled.js`);
    await assert.rejects(bundle(entry, output), /templateLiteral/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
