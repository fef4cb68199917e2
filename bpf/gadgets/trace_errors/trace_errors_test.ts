// trace_errors over a program whose system calls fail as often as it is told.
import assert from "node:assert/strict";
import * as z from "zod";
import type { Arguments } from "../../../tests/support/client.ts";
import { type GadgetTest, gadgetTest } from "../../../tests/support/gadgets.ts";
import type { Workload } from "../../../tests/support/workload.ts";
import { requireError, validation } from "../../../tests/support/refusals.ts";

/** Long enough for a guest under emulation to obey every command. */
const duration_ms = 3_000;

const traced = z.object({
  duration_ms: z.number(),
  ended_by: z.enum(["duration", "overhead"]),
  cost: z.object({ run_count: z.int(), cpu_percent: z.number() }),
  failed: z.int(),
  rows: z.array(z.object({
    syscall: z.string(),
    compat: z.boolean().optional(),
    errno_name: z.string(),
    meaning: z.string().optional(),
    count: z.int(),
    process: z.object({
      comm: z.string(),
      pid: z.int(),
      uid: z.int(),
      processes: z.int().optional(),
    }),
    sample: z.object({
      path: z.string().optional(),
      address: z.string().optional(),
      fd: z.int().optional(),
      args: z.array(z.string()).optional(),
    }),
  })),
  total: z.int(),
  truncated: z.boolean(),
  others: z.int(),
  dropped: z.int(),
  missed_runs: z.int().nullable(),
});

type Traced = z.infer<typeof traced>;

/** What a program and its twin in another control group do while the failures are counted. */
async function trace(
  { session, cgroup, workload, twin, skipped }: GadgetTest,
  commands: readonly string[],
  args: (subject: Workload) => Arguments = () => ({ cgroup: `/${cgroup.name}` }),
) {
  const [subject, other] = [await workload("failures"), await twin("failures")];
  const counting = Promise.withResolvers<void>();
  const asked = session.ask(traced, "trace_errors", {
    duration_ms,
    max_overhead_percent: 100,
    ...args(subject),
  }, {
    onprogress: () => counting.resolve(),
  });
  await Promise.race([counting.promise, asked]);
  const said: string[][] = [];
  for (const command of commands) {
    said.push(await subject.run(command));
    await other.run(command);
  }
  const answer = await asked;
  skipped(answer.missed_runs ?? 0);
  assert.equal(answer.dropped, 0);
  assert.equal(answer.ended_by, "duration");
  assert.equal(answer.failed, answer.rows.reduce((sum, { count }) => sum + count, answer.others));
  return { answer, subject, said };
}

/** `call ERROR count`, by rising text. */
function counts({ rows }: Traced): string[] {
  return rows.map(({ syscall, errno_name, count }) => `${syscall} ${errno_name} ${count}`).sort();
}

gadgetTest("trace_errors", "counts each failure once, also in threads at once", async (test) => {
  const commands = ["open 300", "threads 50", "connect 20", "read 100", "unix 7", "succeed 500"];
  const { answer, subject, said } = await trace(test, commands);
  assert.deepEqual(counts(answer), [
    "connect ECONNREFUSED 20",
    "connect ENOENT 7",
    "openat ENOENT 500",
    "read EAGAIN 100",
  ]);
  assert.equal(answer.failed, 627);
  assert.equal(answer.rows[0].count, 500, "the most frequent comes first");
  assert.ok(answer.rows.every(({ process: { pid } }) => pid === subject.pid));
  assert.ok(answer.rows.every(({ meaning }) => meaning !== undefined));
  const sample = (name: string) => answer.rows.find((row) => row.errno_name === name)?.sample;
  assert.deepEqual(answer.rows[0].sample, { path: "/nonexistent/by-failures" });
  assert.equal(sample("ECONNREFUSED")?.address, `127.0.0.1:${said[2][0]}`);
  assert.deepEqual(sample("EAGAIN"), { fd: Number(said[3][0]) });
  const unix = answer.rows.find(({ count }) => count === 7);
  assert.equal(unix?.sample.path, "/nonexistent/by-failures.sock");
});

gadgetTest("trace_errors", "counts refusals of seccomp, interrupts and processes", async (test) => {
  const { answer } = await trace(test, ["seccomp 13", "interrupt 11", "processes 40"]);
  assert.deepEqual(counts(answer), [
    "epoll_pwait EINTR 11", // and not the returns from the signal's handler
    "getppid EPERM 13",
    "openat ENOENT 40",
  ]);
  const [opens] = answer.rows;
  assert.equal(opens.process.processes, 40);
  assert.match(opens.sample.path ?? "", /^\/nonexistent\/by-failures\/\d+$/);
});

gadgetTest(
  "trace_errors",
  "follows the calls, errors and process that it is told",
  async (test) => {
    const commands = ["open 5", "read 6", "unix 7", "connect 8", "processes 9"];
    const { answer } = await trace(test, commands, ({ pid }) => ({
      pid,
      syscalls: ["connect", "openat"],
      errnos: ["ENOENT", "EAGAIN"],
      top: 1,
    }));
    assert.deepEqual(counts(answer), ["connect ENOENT 7"]);
    assert.deepEqual([answer.total, answer.truncated, answer.others], [2, true, 5]);
    assert.equal(answer.failed, 12);
  },
);

gadgetTest("trace_errors", "names 32-bit calls by their own table", async (test) => {
  const native = Deno.build.arch === "x86_64" ? ["compat 17", "open 3"] : ["open 3"];
  const { answer } = await trace(test, native, ({ pid }) => ({ pid }));
  const expected = native.length === 2
    ? ["open ENOENT 17", "openat ENOENT 3"]
    : ["openat ENOENT 3"];
  assert.deepEqual(counts(answer), expected);
  const compat = answer.rows.filter(({ compat }) => compat === true);
  assert.deepEqual(compat.map(({ syscall }) => syscall), native.length === 2 ? ["open"] : []);
  if (compat.length > 0) assert.deepEqual(compat[0].sample, { path: "/nonexistent/by-failures" });
});

gadgetTest("trace_errors", "ends early when it costs more than it may", async (test) => {
  const { session, workload } = test;
  const subject = await workload("failures");
  const counting = Promise.withResolvers<void>();
  const asked = session.ask(traced, "trace_errors", {
    duration_ms: 60_000,
    pid: subject.pid,
    max_overhead_percent: 1,
  }, { onprogress: () => counting.resolve() });
  await Promise.race([counting.promise, asked]);
  const [{ ended_by, duration_ms, cost, failed }] = await Promise.all([
    asked,
    subject.run("open 200000"),
  ]);
  assert.equal(ended_by, "overhead");
  assert.ok(duration_ms < 30_000, `${duration_ms} ms`);
  assert.ok(cost.cpu_percent > 0.1 && cost.run_count >= failed && failed > 0, JSON.stringify(cost));
});

gadgetTest("trace_errors", "refuses names that do not exist", async ({ session }) => {
  const refuse = async (args: Arguments) =>
    requireError(await session.refusal("trace_errors", args), validation("invalid_arguments"));
  await refuse({ errnos: ["ENOTHING"] });
  await refuse({ syscalls: ["opennat"] });
  await refuse({ syscalls: [""] });
  await refuse({ top: 0 });
});
