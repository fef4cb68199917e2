import assert from "node:assert/strict";
import { findStaleFiles, generatedHeader } from "../../../scripts/generated.ts";

/** A repository in a temporary folder with one generator, two inputs and what it generated. */
async function smallRepository(): Promise<URL> {
  const root = new URL(`file://${await Deno.makeTempDir()}/`);
  await Deno.mkdir(new URL("scripts", root));
  await Deno.mkdir(new URL("bpf/one", root), { recursive: true });
  await Deno.writeTextFile(new URL("scripts/gen_one.ts", root), "// writes one.gen.ts");
  await Deno.writeTextFile(new URL("bpf/one/one.c", root), "int one;");
  await Deno.writeTextFile(new URL("bpf/one.h", root), "extern int one;");
  const header = await generatedHeader("scripts/gen_one.ts", ["bpf/one", "bpf/one.h"], root);
  await Deno.writeTextFile(new URL("one.gen.ts", root), `${header}\nexport const one = 1;\n`);
  return root;
}

const changes: [what: string, change: (root: URL) => Promise<void>, message: RegExp][] = [
  [
    "an input changed",
    (root) => Deno.writeTextFile(new URL("bpf/one.h", root), "int two;"),
    /have changed/,
  ],
  ["an input came", (root) => Deno.writeTextFile(new URL("bpf/one/b.c", root), ""), /have changed/],
  ["an input went", (root) => Deno.remove(new URL("bpf/one.h", root)), /is gone/],
  [
    "the generator changed",
    (root) => Deno.writeTextFile(new URL("scripts/gen_one.ts", root), ""),
    /have changed/,
  ],
  [
    "line 1 was edited",
    (root) => Deno.writeTextFile(new URL("one.gen.ts", root), "// mine"),
    /line 1/,
  ],
];

Deno.test("findStaleFiles accepts what was generated from the inputs as they are", async () => {
  const root = await smallRepository();
  assert.deepEqual(await findStaleFiles(root), []);
  await Deno.remove(root, { recursive: true });
});

for (const [what, change, message] of changes) {
  Deno.test(`findStaleFiles names a generated file after ${what}`, async () => {
    const root = await smallRepository();
    await change(root);
    const problems = await findStaleFiles(root);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^one\.gen\.ts: /);
    assert.match(problems[0] ?? "", message);
    await Deno.remove(root, { recursive: true });
  });
}
