import assert from "node:assert/strict";
import { EBPFError } from "../../../src/errors.ts";
import { gadgetGlobals } from "../../../src/gadgets/parameters.ts";
import { sampleGadget } from "./sample_gadget.ts";

Deno.test("gadgetGlobals gives values by variable", () => {
  const globals = gadgetGlobals(sampleGadget, { pid: 7, failed: false, path: "/tmp" });
  assert.deepEqual(globals, { target_pid: 7, with_failed: false, target_path: "/tmp" });
});

Deno.test("gadgetGlobals leaves out what keeps its default", () => {
  assert.deepEqual(gadgetGlobals(sampleGadget, {}), {});
  assert.deepEqual(gadgetGlobals(sampleGadget, { pid: null }), {});
});

const refused: [Record<string, unknown>, string][] = [
  [{ pidd: 1 }, 'Gadget "file_snoop" has no parameter "pidd"; did you mean "pid"?'],
  [{ pid: 0 }, 'Parameter "pid" of gadget "file_snoop" is 0, want an integer from 1 to 100'],
  [{ pid: 1.5 }, 'Parameter "pid" of gadget "file_snoop" is 1.5, want an integer from 1 to 100'],
  [{ pid: "7" }, 'Parameter "pid" of gadget "file_snoop" is "7", want an integer from 1 to 100'],
  [{ failed: 1 }, 'Parameter "failed" of gadget "file_snoop" is 1, want true or false'],
  [
    { path: "/temp" },
    'Parameter "path" of gadget "file_snoop" is "/temp", ' +
    "want a text of at most 4 bytes without NUL",
  ],
  [
    { path: "ééé" },
    'Parameter "path" of gadget "file_snoop" is "ééé", ' +
    "want a text of at most 4 bytes without NUL",
  ],
];

for (const [params, message] of refused) {
  Deno.test(`gadgetGlobals refuses ${JSON.stringify(params)}`, () => {
    assert.throws(() => gadgetGlobals(sampleGadget, params), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "invalid_arguments");
      assert.equal(error.message, message);
      return true;
    });
  });
}

Deno.test("gadgetGlobals lists the accepted parameters for an unknown one", () => {
  assert.throws(() => gadgetGlobals(sampleGadget, { colour: 1 }), (error) => {
    assert.ok(error instanceof EBPFError);
    assert.deepEqual(error.context.accepted, ["pid", "failed", "path"]);
    return true;
  });
});

Deno.test("gadgetGlobals takes the filters that every gadget may have", () => {
  const manifest = { ...sampleGadget.manifest, filters: ["pid", "comm"] as const, parameters: [] };
  const gadget = { ...sampleGadget, manifest };
  const globals = gadgetGlobals(gadget, { tgid: 7, comm: "cat" });
  assert.deepEqual(globals, { target_pid: 7, target_comm: "cat" });
  assert.throws(() => gadgetGlobals(gadget, { uid: 0 }), /has no parameter "uid"/);
});
