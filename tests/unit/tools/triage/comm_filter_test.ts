import assert from "node:assert/strict";
import { commFilter } from "../../../../src/tools/triage/comm_filter.ts";

for (const comm of ["bash", "sixteen-bytes-c", "a b\"c'", "kworker/0:1", "\u00e9t\u00e9", "a\\b"]) {
  Deno.test(`commFilter finds "${comm}" again`, () => {
    assert.deepEqual(commFilter(comm), { comm });
  });
}

const unsayable = ["", "\\x1b[31mred", "caf\ufffd", "\\u{202e}", "sixteen-bytes-co", "éééééééé", 1];
for (const comm of unsayable) {
  Deno.test(`commFilter has no filter for ${JSON.stringify(comm)}`, () => {
    assert.equal(commFilter(comm), null);
  });
}
