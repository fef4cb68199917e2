// shell_lines over a real bash on a terminal: what is typed there is known.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { type GadgetTest, gadgetTest } from "../../../tests/support/gadgets.ts";
import type { Workload } from "../../../tests/support/workload.ts";

const LINE_SIZE = 4096;
const MOST_COUNTED = 17 * (LINE_SIZE - 1);

/** Begins a shell and tells its pid. */
async function begin(workload: Workload): Promise<number> {
  const [pid] = await workload.run("begin");
  return Number(pid);
}

function lines(events: readonly Fields[]) {
  return events.map(({ line, line_bytes, line_cut }) => [line, line_bytes, line_cut]);
}

/** A shell of ours, and one that types the same elsewhere. */
async function both(test: GadgetTest): Promise<(command: string) => Promise<string[]>> {
  const [subject, twin] = [await test.workload("shell"), await test.twin("shell")];
  return async (command) => {
    const answer = await subject.run(command);
    await twin.run(command);
    return answer;
  };
}

gadgetTest("shell_lines", "reports each line that is typed, once", async (test) => {
  const type = await both(test);
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  const [pid] = await type("begin");
  const typed = [": first", ":  two  blanks ", "true && false", ": a, b", ": a, b"];
  for (const line of typed) await type(`line ${line}`);
  await type("line");
  await type("end"); // Ctrl-D gives no line
  const { events } = await running.stop();
  assert.deepEqual(
    lines(events),
    [...typed, ""].map((line) => [line, line.length, false]),
  );
  for (const event of events) {
    assert.deepEqual([event.pid, event.tid, event.comm], [Number(pid), Number(pid), "bash"]);
    assert.equal(event.uid, 0);
  }
});

gadgetTest("shell_lines", "cuts long lines, and tells how long they are", async (test) => {
  const subject = await test.workload("shell");
  const pid = await begin(subject);
  const running = await test.start({ pid });
  const sizes = [5, LINE_SIZE - 1, LINE_SIZE, 3 * LINE_SIZE, MOST_COUNTED + 500];
  for (const size of sizes) await subject.run(`long ${size}`);
  await subject.run("end");
  const { events } = await running.stop();
  // the shell waited for the first line before this began: that one is not seen
  const seen = sizes.slice(1);
  assert.deepEqual(
    events.map(({ line_bytes, line_cut }) => [line_bytes, line_cut]),
    seen.map((size) => [Math.min(size, MOST_COUNTED), size >= LINE_SIZE]),
  );
  const texts = seen.map((size) => `: ${"x".repeat(Math.min(size, LINE_SIZE - 1) - 2)}`);
  assert.ok(events.every(({ line }, index) => line === texts[index]));
});

gadgetTest("shell_lines", "gives hostile lines as they are", async (test) => {
  const type = await both(test);
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  await type("begin");
  const hostile = [`: '"\\"}],{' # \\u0000 </script> $(x)`, ": '\u20ac\u202e'", ": ${PS1@Q} `:`"];
  for (const line of hostile) {
    const bytes = [...new TextEncoder().encode(line)];
    await type(`raw ${bytes.map((one) => one.toString(16).padStart(2, "0")).join("")}`);
  }
  await type("raw 3a2027ff1627"); // : '\xff', and a quoted ' behind Ctrl-V
  await type("end");
  const { events } = await running.stop();
  // the mark that turns the writing direction is shown, not obeyed
  const shown = hostile.map((line) => line.replace("\u202e", "\\u{202e}"));
  assert.deepEqual(events.slice(0, 3).map(({ line }) => line), shown);
  assert.equal(events.length, 4);
  assert.ok(events.every(({ line_cut }) => line_cut === false));
});

gadgetTest("shell_lines", "says what to give where there is no readline", async ({ session }) => {
  const refusal = (params: Fields) =>
    session.refusal("run_gadget", { gadget: "shell_lines", params });
  const dynamic = await refusal({ path: "/proc/self/exe" });
  assert.equal(dynamic.code, "invalid_arguments", dynamic.message);
  assert.match(dynamic.message, /^"\/proc\/self\/exe" has no function "readline"$/);
  assert.match(JSON.stringify(dynamic.context), /give path: the file with/);
  assert.equal((await refusal({ path: "/nowhere" })).code, "file_not_found");
  assert.equal((await refusal({ path: "/tmp" })).code, "not_a_regular_file");
  const text = await refusal({ path: "/proc/self/status" });
  assert.match(text.message, /is no program or library of 64 bits$/);
  assert.equal((await refusal({ pid: 4_194_303 })).code, "process_not_found");
  const kernel = await refusal({ pid: 2 });
  assert.equal(kernel.code, "process_not_found", kernel.message);
  const other = await refusal({ pid: Deno.pid });
  assert.match(
    other.message,
    /^No file that process \d+ runs code of has the function "readline"$/,
  );
});
