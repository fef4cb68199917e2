// A minifier that loses a `using` leaks whatever it holds: descriptors, links, mappings.
import assert from "node:assert/strict";
import { bundle } from "../../scripts/bundle.ts";
import { mustRun } from "../../scripts/command.ts";
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
