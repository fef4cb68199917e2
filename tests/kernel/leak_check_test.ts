// The harness names what is left behind, and by which test.
import assert from "node:assert/strict";
import { locked, run } from "../../scripts/command.ts";
import { repository } from "../../scripts/paths.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { foreignObjects } from "../support/leaks/foreign.ts";
import { nameOf } from "../support/leaks/kernel_objects.ts";
import { load } from "../support/loaded.ts";
import { uniqueName } from "../support/unique_name.ts";

const leakingTests = "tests/testdata/leaks/leaking_tests.ts";

/** What each test there must be told that it leaves; null where it must pass. */
const verdicts: ReadonlyMap<string, RegExp | null> = new Map([
  ["leaves nothing", null],
  ["leaves a descriptor", /: descriptor \d+: \/dev\/null(;|$)/],
  ["leaves a program", /; program \d+ "on_\w+";/],
  ["leaves a map", /; map \d+ "events"(;|$)/],
  ["leaves a link", /; link \d+;/],
  ["leaves BTF", /; btf \d+(;|$)/],
  ["leaves a pin", /; pin \/sys\/fs\/bpf\/[\w-]+(;|$)/],
  ["leaves a perf event", /perf event at descriptor \d+: anon_inode:\[perf_event\];/],
  ["leaves a mapping", /mapping [\da-f]+-[\da-f]+ of anon_inode:bpf-map;/],
  ["leaves a thread", /thread \d+ "worker-\d+" (in system call \d+|running)(;|$)/],
  ["leaves a process", /; process \d+ "cat"(;|$)/],
  ["fails and leaves a descriptor", /: descriptor \d+: \/dev\/null(;|$)/],
  ["leaves nothing, after all the others", null],
]);

async function runLeakingTests(): Promise<string> {
  const pin = `/sys/fs/bpf/${uniqueName()}`;
  const args = locked("test", "-A", "--no-check", leakingTests);
  const env = { LEAKING_TESTS_PIN: pin, NO_COLOR: "1", RUST_BACKTRACE: "0" };
  const { stdout } = await run(Deno.execPath(), args, { cwd: repository, env });
  await Deno.remove(pin);
  return stdout;
}

kernelTest("kernelTest names each test that leaks, with what it leaves", async (t) => {
  const output = await runLeakingTests();
  for (const [name, wanted] of verdicts) {
    await t.step(name, () => {
      const verdict = new RegExp(`^${name} \\.\\.\\. (\\w+)`, "m").exec(output)?.[1];
      assert.equal(verdict, wanted === null ? "ok" : "FAILED", output);
      if (wanted === null) return;
      const said = new RegExp(`LeakError: "${name}" leaves behind(.*)$`, "m").exec(output)?.[1];
      assert.match(said ?? "", wanted);
    });
  }
  const left = [...verdicts.values()].filter((wanted) => wanted !== null).length;
  assert.match(output, new RegExp(`${verdicts.size - left} passed .*\\| ${left} failed`));
  assert.match(output, /its own reason/, "a failure's reason is not lost behind the leak");
});

kernelTest("foreignObjects follows what a process holds to all that it keeps alive", async () => {
  await using object = await load("globals");
  const [{ info }] = object.programs;
  assert.ok(info.btfId !== null);
  const program = { kind: "program" as const, id: info.id };
  const wanted = [nameOf(program), ...info.mapIds.map((id) => `map ${id}`), `btf ${info.btfId}`];
  const toAnother = foreignObjects([program], new Set());
  assert.deepEqual([...toAnother].sort(), wanted.sort());
  assert.deepEqual(foreignObjects([program], new Set([Deno.pid])), new Set());
});
