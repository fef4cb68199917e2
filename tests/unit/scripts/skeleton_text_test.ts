import assert from "node:assert/strict";
import { parseManifest } from "../../../scripts/bpf/gadget_sources.ts";
import { listText, skeletonText } from "../../../scripts/bpf/skeleton_text.ts";
import { sampleGadget } from "../gadgets/sample_gadget.ts";

const golden = new URL("../../testdata/golden/file_snoop.skel.txt", import.meta.url);

Deno.test("skeletonText writes the golden module", async () => {
  assert.equal(skeletonText(sampleGadget), await Deno.readTextFile(golden));
});

Deno.test("listText imports and lists each gadget", () => {
  assert.equal(
    listText(["exec_snoop", "oom"]),
    [
      'import { execSnoop } from "./exec_snoop.skel.gen.ts";',
      'import { oom } from "./oom.skel.gen.ts";',
      'import type { Gadget } from "./skeleton.ts";',
      "",
      "/** Every gadget that is built in, by name. */",
      "export const gadgets: readonly Gadget[] = [execSnoop, oom];",
      "",
    ].join("\n"),
  );
});

Deno.test("parseManifest reads a manifest", () => {
  const text = JSON.stringify(sampleGadget.manifest);
  assert.deepEqual(parseManifest(text, "manifest.json"), sampleGadget.manifest);
});

Deno.test("parseManifest names the file and the place of what is wrong", () => {
  const text = JSON.stringify({ ...sampleGadget.manifest, needs: { kernel: "new" } });
  assert.throws(() => parseManifest(text, "bpf/gadgets/x/manifest.json"), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, /^bpf\/gadgets\/x\/manifest\.json:\n/);
    assert.match(error.message, /needs\.kernel/);
    return true;
  });
});
