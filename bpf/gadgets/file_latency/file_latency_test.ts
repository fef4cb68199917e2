// file_latency over calls of known number and, where it matters, known length.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const NS_PER_MS = 1e6;
const ENOENT = -2;

gadgetTest("file_latency", "reports each call with its path", async ({ observe }) => {
  const { events, answers: [[path]], subject } = await observe("latency", ["files 25"], {
    also: { min_us: 0 },
  });
  const own = events.filter((event) => event.path === path);
  const seen = (operation: string) => own.filter((event) => event.operation === operation);
  for (const operation of ["open", "write", "sync", "read"]) {
    assert.equal(seen(operation).length, 25, operation);
  }
  assert.deepEqual([own.length, events.length], [100, 100], "and nothing else");
  assert.ok(own.every(({ pid, comm }) => pid === subject.pid && comm === "latency"));
  assert.ok(own.every(({ path_cut }) => path_cut === false));
  assert.ok([...seen("write"), ...seen("read")].every(({ ret }) => ret === 10));
  assert.ok(seen("sync").every(({ ret }) => ret === 0));
});

gadgetTest("file_latency", "reports only what takes as long as it is told", async ({ observe }) => {
  const commands = ["files 25", "slow_open 300", "files 25"];
  const { events, answers } = await observe("latency", commands, { also: { min_us: 250_000 } });
  assert.deepEqual(events.map(({ operation, path }) => [operation, path]), [
    ["open", answers[1][0]],
  ]);
  const latency = Number(events[0].latency_ns);
  assert.ok(latency >= 290 * NS_PER_MS && latency < 10_000 * NS_PER_MS, `${latency} ns`);
});

gadgetTest("file_latency", "gives a failed open's path, and leaves opens out", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const run = async (params: Record<string, unknown>) => {
    const running = await test.start({ cgroup: `/${test.cgroup.name}`, min_us: 0, ...params });
    for (const one of [subject, twin]) await one.run("absent 7");
    return (await running.stop()).events;
  };
  const events = await run({});
  assert.deepEqual(
    events.map(({ operation, path, ret }) => [operation, path, ret]),
    Array(7).fill(["open", "/tmp/absent/file", ENOENT]),
  );
  assert.deepEqual(await run({ opens: false }), []);
});
