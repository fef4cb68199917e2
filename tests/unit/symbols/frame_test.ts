import assert from "node:assert/strict";
import { frameText } from "../../../src/symbols/frame.ts";
import { printable } from "../../../src/symbols/printable.ts";

Deno.test("frameText: is the name, or the place and why there is none", () => {
  const address = 0x7f00dead0010n;
  const known = { address, name: "work", offset: 4, module: "a.out" };
  assert.equal(frameText(known), "work");
  const nameless = { address, name: null, offset: 0x1234, module: "libx.so" };
  assert.equal(frameText({ ...nameless, missing: "no symbols" }), "libx.so+0x1234 [no symbols]");
  const lost = { address, name: null, offset: null, module: null };
  assert.equal(frameText({ ...lost, missing: "not mapped" }), "0x7f00dead0010 [not mapped]");
});

Deno.test("printable: leaves nothing that a terminal or a folded stack would obey", () => {
  assert.equal(printable("a;b\u001b[31m\n\u202ec"), "a:b?[31m??c");
  assert.equal(printable("é字 <T>"), "é字 <T>");
  assert.equal(printable("x".repeat(600)).length, 512);
});
