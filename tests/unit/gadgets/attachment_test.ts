import assert from "node:assert/strict";
import { EBPFError } from "../../../src/errors.ts";
import { attachmentsOf } from "../../../src/gadgets/attachment.ts";
import { requireRole, roleObstacle } from "../../../src/gadgets/gadget_role.ts";
import { resolveGlobals } from "../../../src/gadgets/parameters.ts";
import type { Gadget } from "../../../src/gadgets/skeleton.ts";
import { sampleGadget } from "./sample_gadget.ts";

const never = new AbortController().signal;
const place = {
  name: "interface",
  doc: "Which one",
  variable: "interface_name",
  type: "text",
  max_bytes: 15,
  default: null,
} as const;
const direction = {
  name: "direction",
  doc: "Which way",
  variable: "direction",
  type: "text",
  max_bytes: 7,
  choices: ["ingress", "egress"],
  default: "ingress",
} as const;
const onInterface = {
  ...sampleGadget,
  manifest: {
    ...sampleGadget.manifest,
    parameters: [place, direction],
    attach: { type: "tcx", interface: "interface", direction: "direction" },
    role: "operator",
  },
} as const;

/** Where each program goes. */
const attached = async (params: Record<string, unknown>) =>
  specsOf(onInterface, await resolveGlobals(onInterface, params, never));

function specsOf(gadget: Gadget, globals: Record<string, unknown>) {
  return attachmentsOf(gadget, globals).map(({ spec }) => spec);
}

Deno.test("attachmentsOf leaves it to the sections where the manifest says nothing", () => {
  const all = sampleGadget.programs.map(() => ({ type: "auto" }));
  assert.deepEqual(specsOf(sampleGadget, {}), all);
});

Deno.test("attachmentsOf names the interface and the direction that were asked for", async () => {
  const wanted = { type: "tcx", interface: "veth7" };
  const ingress = { ...wanted, direction: "ingress" };
  assert.deepEqual(await attached({ interface: "veth7" }), onInterface.programs.map(() => ingress));
  const outgoing = { interface: "veth7", direction: "egress" };
  const egress = { ...wanted, direction: "egress" };
  assert.deepEqual(await attached(outgoing), onInterface.programs.map(() => egress));
});

const refused: [Record<string, unknown>, RegExp][] = [
  [{}, /^Gadget "file_snoop" needs the parameter "interface"$/],
  [{ interface: "" }, /needs the parameter "interface"$/],
  [{ interface: "veth7", direction: "up" }, /is "up", want ingress or egress$/],
  [{ interface: "sixteen_letters_" }, /want a text of at most 15 bytes/],
];

for (const [params, message] of refused) {
  Deno.test(`attachmentsOf has no place for ${JSON.stringify(params)}`, async () => {
    await assert.rejects(() => attached(params), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "invalid_arguments");
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("requireRole lets operators alone run what the manifest keeps for them", () => {
  requireRole(sampleGadget, "viewer");
  requireRole(onInterface, "operator");
  assert.equal(roleObstacle(onInterface, "admin"), null);
  assert.throws(() => requireRole(onInterface, "observer"), (error) => {
    assert.ok(error instanceof EBPFError);
    assert.deepEqual([error.category, error.code], ["permission", "tool_not_allowed"]);
    assert.match(error.message, /the role is observer, wanted operator or higher$/);
    return true;
  });
});
