import assert from "node:assert/strict";
import { EBPFError } from "../../../src/errors.ts";
import { Catalogue } from "../../../src/gadgets/catalogue.ts";
import { execSnoop } from "../../../src/gadgets/exec_snoop.skel.gen.ts";
import { gadgetManifestSchema } from "../../../src/gadgets/manifest.ts";
import { sampleGadget } from "./sample_gadget.ts";

const nowhere = new URL("file:///nonexistent/gadgets/");

Deno.test("Catalogue lists the gadgets that are built in", () => {
  const names = new Catalogue(nowhere).list().map(({ name }) => name);
  assert.ok(names.includes("exec_snoop"));
  assert.deepEqual(names, names.toSorted());
});

Deno.test("Catalogue.get finds a gadget by its name", () => {
  assert.equal(new Catalogue(nowhere).get("exec_snoop"), execSnoop);
});

Deno.test("Catalogue.get names the gadgets there are, nearest first", () => {
  const catalogue = new Catalogue(nowhere, [execSnoop, sampleGadget]);
  assert.throws(() => catalogue.get("filesnoop"), (error) => {
    assert.ok(error instanceof EBPFError);
    assert.equal(error.category, "validation");
    assert.equal(error.code, "unknown_gadget");
    assert.equal(error.message, 'Cannot find gadget "filesnoop"; did you mean "file_snoop"?');
    assert.deepEqual(error.context.gadgets, ["file_snoop", "exec_snoop"]);
    return true;
  });
});

Deno.test("Catalogue.bytes reads the object from the folder that it was given", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/file_snoop.bpf.o`, new Uint8Array([0x7f, 0x45, 0x4c, 0x46]));
    const catalogue = new Catalogue(new URL(`file://${folder}/`), [sampleGadget]);
    assert.deepEqual([...catalogue.bytes(sampleGadget)], [0x7f, 0x45, 0x4c, 0x46]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Catalogue.bytes says what to run when the build has not been", () => {
  assert.throws(() => new Catalogue(nowhere).bytes(execSnoop), (error) => {
    assert.ok(error instanceof EBPFError);
    assert.equal(error.code, "internal_error");
    assert.equal(error.context.hint, "run: deno task gen");
    return true;
  });
});

Deno.test("gadgetManifestSchema accepts every manifest that is built in", () => {
  for (const { manifest } of new Catalogue(nowhere).list()) gadgetManifestSchema().parse(manifest);
});

Deno.test("gadgetManifestSchema refuses a default that is out of bounds", () => {
  const [pid] = sampleGadget.manifest.parameters;
  const parameters = [{ ...pid, default: 101 }];
  const parsed = gadgetManifestSchema().safeParse({ ...sampleGadget.manifest, parameters });
  assert.match(parsed.error?.message ?? "", /default is out of bounds/);
});
