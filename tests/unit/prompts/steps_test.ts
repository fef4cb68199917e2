import assert from "node:assert/strict";
import { idFrom, Steps, textOf } from "../../../src/prompts/steps.ts";
import { echo, load, unpin } from "../server/sample_tools.ts";

Deno.test("Steps numbers calls and shows what they take, blanks unquoted where a number is", () => {
  const steps = new Steps([echo, load, unpin]);
  steps.call("unpin_object", { id: idFrom("id of step 2") }, "gone.");
  steps.step("Wait.");
  steps.call("load_program", { source: { type: "file", path: textOf("path") } }, "loads.");
  steps.note("Then rest.");
  assert.deepEqual(steps.text.split("\n"), [
    '1. Call unpin_object with {"id": <id of step 2>}: gone.',
    "2. Wait.",
    '3. Call load_program with {"source": {"type": "file", "path": "<path>"}}: loads.',
    "Then rest.",
  ]);
});

Deno.test("Steps leaves out what is out of reach, and numbers the rest as if it were not", () => {
  const steps = new Steps([echo]);
  steps.call("load_program", { anything: true }, "never shown.");
  steps.call("echo", { text: "a" }, "shown.");
  assert.equal(steps.text, '1. Call echo with {"text": "a"}: shown.');
  assert.ok(steps.can("echo") && !steps.can("echo", "load_program"));
});

Deno.test("Steps refuses to show arguments that the tool would refuse", () => {
  const steps = new Steps([echo]);
  assert.throws(() => steps.call("echo", { text: "a", times: 11 }, ""), /echo with arguments/);
  assert.throws(() => steps.call("echo", { text: "a", wrong: 1 }, ""), /echo with arguments/);
  assert.throws(() => steps.call("echo", { text: idFrom("number") }, ""), /echo with arguments/);
});
