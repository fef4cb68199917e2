import assert from "node:assert/strict";
import { EBPFError } from "../../../src/errors.ts";
import { resolveGlobals } from "../../../src/gadgets/parameters.ts";
import { sampleGadget } from "./sample_gadget.ts";

const never = new AbortController().signal;

Deno.test("resolveGlobals gives values by variable", async () => {
  const params = { pid: 7, failed: false, path: "/tmp" };
  const globals = await resolveGlobals(sampleGadget, params, never);
  assert.deepEqual(globals, { target_pid: 7, with_failed: false, target_path: "/tmp" });
});

Deno.test("resolveGlobals leaves out what keeps its default", async () => {
  assert.deepEqual(await resolveGlobals(sampleGadget, {}, never), {});
  assert.deepEqual(await resolveGlobals(sampleGadget, { pid: null }, never), {});
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
  Deno.test(`resolveGlobals refuses ${JSON.stringify(params)}`, async () => {
    await assert.rejects(resolveGlobals(sampleGadget, params, never), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "invalid_arguments");
      assert.equal(error.message, message);
      return true;
    });
  });
}

Deno.test("resolveGlobals lists the accepted parameters for an unknown one", async () => {
  await assert.rejects(resolveGlobals(sampleGadget, { colour: 1 }, never), (error) => {
    assert.ok(error instanceof EBPFError);
    assert.deepEqual(error.context.accepted, ["pid", "failed", "path"]);
    return true;
  });
});

Deno.test("resolveGlobals takes the filters that every gadget may have", async () => {
  const manifest = { ...sampleGadget.manifest, filters: ["pid", "comm"] as const, parameters: [] };
  const gadget = { ...sampleGadget, manifest };
  const globals = await resolveGlobals(gadget, { tgid: 7, comm: "cat" }, never);
  assert.deepEqual(globals, { target_pid: 7, target_comm: "cat" });
  await assert.rejects(resolveGlobals(gadget, { uid: 0 }, never), /has no parameter "uid"/);
});

const ofGroups = {
  ...sampleGadget,
  manifest: { ...sampleGadget.manifest, filters: ["cgroup"] as const },
};

const wrongGroups: [Record<string, unknown>, RegExp][] = [
  [{ cgroup: "" }, /Parameter "cgroup" of gadget "file_snoop" is "", want a control group's path/],
  [{ cgroup: 0 }, /is 0, want a control group's path or id/],
  [{ cgroup: -3.5 }, /is -3.5, want a control group's path or id/],
  [{ cgroup: ["/"] }, /is \["\/"\], want a control group's path or id/],
  [{ cgroup: "x".repeat(5000) }, /want a control group's path or id/],
  [{ container: 7 }, /is 7, want a container's id or name/],
  [{ container: {} }, /is {}, want a container's id or name/],
  [{ cgroup: "/", container: "abcd" }, /takes cgroup or container, not both/],
];

for (const [params, message] of wrongGroups) {
  const shown = JSON.stringify(params).slice(0, 40);
  Deno.test(`resolveGlobals refuses the group ${shown}`, async () => {
    await assert.rejects(resolveGlobals(ofGroups, params, never), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "invalid_arguments");
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("resolveGlobals knows cgroup and container only where the gadget asks them", async () => {
  const rejected = resolveGlobals(sampleGadget, { cgroup: "/" }, never);
  await assert.rejects(rejected, /has no parameter "cgroup"/);
});
