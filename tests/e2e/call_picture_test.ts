// call --picture, --heat-map and --lines: what a call counted, drawn on stdout.
import assert from "node:assert/strict";
import * as z from "zod";
import { cli, cliOnTerminal } from "../support/cli.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { Workload } from "../support/workload.ts";

const failed = z.object({ error: z.object({ code: z.string(), context: z.looseObject({}) }) });
const account = /^ended by duration, cost [\d.]+ % of a CPU; lost: nothing\n$/;

function call(args: unknown, ...flags: string[]) {
  return cli(["call", "run_gadget", JSON.stringify(args), ...flags]);
}

/** Works until the call has ended: nobody tells when it begins to watch. */
async function meanwhile<Result>(
  call: Promise<Result>,
  work: () => Promise<unknown>,
): Promise<Result> {
  let isOver = false;
  const over = call.finally(() => isOver = true);
  while (!isOver) {
    await work();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return await over;
}

kernelTest("call --picture prints a flame graph, and --lines its stacks", async () => {
  await using workload = await Workload.start("latency");
  const params = { pid: workload.pid, frequency: 499 };
  const profile = { gadget: "profile", params, duration_ms: 700 };
  const [drawn] = await Promise.all([call(profile, "--picture"), workload.run("split 2000")]);
  assert.equal(drawn.code, 0, drawn.stderr);
  assert.match(drawn.stdout, /^<svg .*<\/svg>\n$/s);
  assert.match(drawn.stdout, /data-name="spin_most"/);
  assert.match(drawn.stderr, account);
  const [lines] = await Promise.all([call(profile, "--lines"), workload.run("split 2000")]);
  assert.equal(lines.code, 0, lines.stderr);
  for (const line of lines.stdout.trimEnd().split("\n")) assert.match(line, /^latency;.+ \d+$/);
});

kernelTest("call --picture and --heat-map draw the histogram of a sum", async () => {
  await using workload = await Workload.start("opens");
  const compute = [{ op: "hist", field: "latency_ns" }];
  const params = { pid: workload.pid };
  const opens = { gadget: "open_snoop", params, duration_ms: 600, aggregate: { compute } };
  for (const [flag, mark] of [["--picture", "bar"], ["--heat-map", "cell"]]) {
    const drawing = call(opens, flag);
    const { code, stdout, stderr } = await meanwhile(drawing, () => workload.run("openat 5"));
    assert.equal(code, 0, stderr);
    assert.match(stderr, account);
    assert.match(stdout, /^<svg .*<\/svg>\n$/s);
    assert.ok(stdout.includes(`class="${mark}"`), flag);
  }
});

kernelTest("call --picture of what cannot be drawn is an error, told on both ends", async () => {
  const cases = [
    [{ gadget: "exec_snoop", duration_ms: 50 }, "invalid_arguments", /Cannot draw this answer/],
    [{ gadget: "no_such" }, "unknown_gadget", /no_such/],
  ] as const;
  for (const [args, wanted, said] of cases) {
    const { code, stdout, stderr } = await call(args, "--picture");
    assert.equal(code, 1);
    assert.equal(failed.parse(JSON.parse(stdout)).error.code, wanted);
    assert.match(stderr, said);
  }
});

kernelTest("call --picture refuses what excludes it, and a terminal, before it runs", async () => {
  const args = { gadget: "profile", duration_ms: 60_000 };
  for (const other of ["--watch", "--json", "--lines", "--heat-map"]) {
    const { code, stdout, stderr } = await call(args, "--picture", other);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /exclude each other/);
  }
  const line = ["call", "run_gadget", JSON.stringify(args), "--picture"];
  const told = new TextDecoder().decode(await cliOnTerminal(line));
  assert.match(told, /--picture writes SVG: redirect it, > picture\.svg/);
});

kernelTest("call keeps to the width of a terminal", async () => {
  await using workload = await Workload.start("opens");
  const compute = [{ op: "count" }, { op: "hist", field: "latency_ns" }, { op: "rate" }];
  const params = { pid: workload.pid };
  const aggregate = { by: ["path", "ret"], compute };
  const opens = { gadget: "open_snoop", params, duration_ms: 600, aggregate };
  const drawing = cliOnTerminal(["call", "run_gadget", JSON.stringify(opens)]);
  const drawn = await meanwhile(drawing, () => workload.run("missing 5"));
  const text = new TextDecoder().decode(drawn);
  const lines = text.slice(text.indexOf("gadget: ")).split("\r\n");
  for (const line of lines) assert.ok([...line].length <= 80, line);
  assert.ok(lines.some((line) => /^PATH +RET +RET_NAME +COUNT +RATE$/.test(line)), text);
  assert.ok(lines.some((line) => / (ns|us|ms) – .* █+/.test(line)), text);
});
