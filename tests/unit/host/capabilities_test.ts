import assert from "node:assert/strict";
import { capabilityNames, knownCapabilities } from "../../../src/host/capabilities.ts";

Deno.test("capabilityNames: names every bit, and bits beyond the table by number", () => {
  assert.deepEqual(capabilityNames("000001ffffffffff"), [...knownCapabilities]);
  assert.deepEqual(capabilityNames("0000000000200000"), ["CAP_SYS_ADMIN"]);
  assert.deepEqual(capabilityNames("8000000000000000"), ["CAP_63"]);
  for (const mask of ["", "xyz", "00000000000000000", "-1"]) {
    assert.deepEqual(capabilityNames(mask), [], JSON.stringify(mask));
  }
});
