import assert from "node:assert/strict";
import { neededGlibc } from "../../../scripts/libraries.ts";

Deno.test("neededGlibc compares versions by number, not by text", () => {
  const versions = "Name: GLIBC_2.2.5 Flags\n Name: GLIBC_2.14\n Name: GLIBC_2.4\n";
  assert.equal(neededGlibc(versions), "2.14");
  assert.equal(neededGlibc("nothing"), "0");
});
