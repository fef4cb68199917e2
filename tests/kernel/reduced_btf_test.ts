// An object that is relocated by a few of the kernel's types has the instructions that all of them
// would give it.
import assert from "node:assert/strict";
import { embeddedFolder } from "../../scripts/paths.ts";
import { reducedBtf } from "../../src/btf/reduced_btf.ts";
import { Catalogue } from "../../src/gadgets/catalogue.ts";
import { KernelBtf } from "../../src/kernel/kernel_btf.ts";
import { Loader } from "../../src/kernel/loader.ts";
import { withMemoryFile } from "../../src/kernel/memory_file.ts";
import { requireSound } from "../../src/session/sound_object.ts";
import { kernelTest } from "../support/kernel_test.ts";

const catalogue = new Catalogue(new URL("gadgets/", embeddedFolder));
const loader = new Loader();
const INSTRUCTION_BYTES = 8;
const LD_IMM64 = 0x18;

/** The kernel's types for this object, or why all of them are needed. */
function reduce(bytes: Uint8Array<ArrayBuffer>, name: string): Uint8Array<ArrayBuffer> | null {
  const kernel = new KernelBtf().get();
  const relocatable = requireSound(bytes, name);
  if (kernel === null || relocatable === null) return null;
  return reducedBtf(relocatable.btf, relocatable.relocations, kernel);
}

/** What the kernel was given, by program; descriptors of maps are left out, they may differ. */
async function relocated(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  reduced: Uint8Array<ArrayBuffer> | null,
): Promise<Map<string, string>> {
  let attempts = 0;
  const { object } = await withMemoryFile(reduced, (reducedBtfPath) =>
    loader.load({
      bytes,
      name,
      ...(reducedBtfPath === null ? {} : { reducedBtfPath }),
      prepare: () => attempts++,
      judge: () => {},
    }, () => {}));
  using _object = object;
  assert.equal(attempts, 1, `${name} is loaded at the first attempt`);
  return new Map(object.programs.map((program) => {
    const instructions = program.instructions();
    const view = new DataView(instructions.buffer);
    for (let at = 0; at < instructions.length; at += INSTRUCTION_BYTES) {
      if (view.getUint8(at) === LD_IMM64) view.setUint32(at + 4, 0);
    }
    return [program.name, instructions.toHex()];
  }));
}

for (const gadget of catalogue.list()) {
  const { name } = gadget;

  kernelTest(`gadget "${name}": reduced BTF relocates it as the whole does`, async () => {
    const bytes = catalogue.bytes(gadget);
    const reduced = reduce(bytes, name);
    const whole = await relocated(name, bytes, null);
    assert.ok([...whole.values()].every((text) => text.length > 0));
    assert.deepEqual(await relocated(name, bytes, reduced), whole);
  });
}

kernelTest("reducedBtf has a small part of the kernel's types for most gadgets", () => {
  const sizes = catalogue.list().map((gadget) => reduce(catalogue.bytes(gadget), gadget.name));
  const reduced = sizes.filter((bytes) => bytes !== null);
  assert.ok(reduced.length * 2 > sizes.length, `${reduced.length} of ${sizes.length}`);
  for (const bytes of reduced) assert.ok(bytes.length < 200_000, `${bytes.length} bytes`);
});
