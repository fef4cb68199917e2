// What the build makes of a gadget: linked, stripped, the same each time, and true to its manifest.
import assert from "node:assert/strict";
import { compileBpf, writeVmlinuxHeader } from "../../scripts/bpf/compiler.ts";
import { describeObject } from "../../src/gadgets/describe_object.ts";
import { findGadgets } from "../../scripts/bpf/gadget_sources.ts";
import { mustRun } from "../../scripts/command.ts";
import { embeddedFolder, repository } from "../../scripts/paths.ts";
import { ElfFile } from "../../src/elf/elf.ts";
import { Catalogue } from "../../src/gadgets/catalogue.ts";
import { kernelTest } from "../support/kernel_test.ts";

const catalogue = new Catalogue(new URL("gadgets/", embeddedFolder));

for (const gadget of catalogue.list()) {
  const { name } = gadget;

  kernelTest(`gadget "${name}": its object keeps BTF and has no debug section`, () => {
    const sections = ElfFile.parse(catalogue.bytes(gadget), name).sections.map((one) => one.name);
    assert.ok(sections.includes(".BTF"));
    assert.deepEqual(sections.filter((section) => section.startsWith(".debug")), []);
  });

  kernelTest(`gadget "${name}": its object says nothing of the machine that built it`, () => {
    const text = new TextDecoder("latin1").decode(catalogue.bytes(gadget));
    assert.ok(!text.includes(repository.pathname));
  });

  kernelTest(`gadget "${name}": building it again gives the same bytes`, async () => {
    await writeVmlinuxHeader();
    const folder = new URL(`file://${await Deno.makeTempDir()}/`);
    try {
      const source = new URL(`bpf/gadgets/${name}/${name}.bpf.c`, repository);
      const [compiled, linked] = [new URL(`${name}.o`, folder), new URL(`${name}.bpf.o`, folder)];
      await compileBpf({ source, output: compiled });
      await mustRun("bpftool", ["gen", "object", linked.pathname, compiled.pathname]);
      assert.deepEqual(await Deno.readFile(linked), catalogue.bytes(gadget));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  kernelTest(`describeObject finds in gadget "${name}" what its skeleton says`, () => {
    assert.deepEqual(describeObject(name, gadget.manifest, catalogue.bytes(gadget)), gadget);
  });

  kernelTest(`describeObject refuses a manifest that does not fit gadget "${name}"`, () => {
    const output = { type: "events", map: "absent", event: "gone" } as const;
    const manifest = { ...gadget.manifest, output };
    assert.throws(() => describeObject(name, manifest, catalogue.bytes(gadget)), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /no map "absent"; there are /);
      assert.match(error.message, /no event type "gone"; there are /);
      return true;
    });
  });
}

kernelTest("describeObject refuses a default that is not what is compiled in", () => {
  const gadget = catalogue.get("exec_snoop");
  const parameters = gadget.manifest.parameters.map((parameter) => {
    return parameter.type === "boolean" ? { ...parameter, default: false } : parameter;
  });
  const manifest = { ...gadget.manifest, parameters };
  assert.throws(
    () => describeObject(gadget.name, manifest, catalogue.bytes(gadget)),
    /"include_failed" is true, parameter "failed" says false/,
  );
});

kernelTest("findGadgets finds the gadgets that are built in", async () => {
  const found = (await findGadgets()).map(({ name }) => name);
  assert.deepEqual(found, catalogue.list().map(({ name }) => name));
});
