import assert from "node:assert/strict";
import { parseAvailableEvents, Tracefs } from "../../../src/host/tracefs.ts";

Deno.test("parseAvailableEvents sorts, takes each name once and drops what is no event", () => {
  const text = "sched:sched_switch\nblock:plug\n\nsched:sched_switch\nno colon\n:x\ny:\n";
  assert.deepEqual(parseAvailableEvents(text), [
    { category: "block", name: "plug" },
    { category: "sched", name: "sched_switch" },
  ]);
});

Deno.test("parseAvailableEvents makes visible what a terminal would obey", () => {
  const [event] = parseAvailableEvents("a:\u001b[2J\u202e");
  assert.deepEqual(event, { category: "a", name: "\\x1b[2J\\u{202e}" });
});

for (const name of ["..", ".", "", "a/../../../../etc/passwd", "a\0b"]) {
  Deno.test(`Tracefs opens no file for the name ${JSON.stringify(name)}`, () => {
    const tracefs = new Tracefs();
    // without the permission for FFI, which unit tests have not, opening anything would throw
    assert.equal(tracefs.format({ category: "sched", name }), 2);
    assert.equal(tracefs.format({ category: name, name: "sched_switch" }), 2);
  });
}
