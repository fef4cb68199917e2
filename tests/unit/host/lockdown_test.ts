import assert from "node:assert/strict";
import { parseLockdown } from "../../../src/host/lockdown.ts";

Deno.test("parseLockdown: takes the choice in brackets", () => {
  assert.equal(parseLockdown("none [integrity] confidentiality\n"), "integrity");
  assert.equal(parseLockdown("[none] integrity confidentiality"), "none");
  assert.equal(parseLockdown(""), null);
});
