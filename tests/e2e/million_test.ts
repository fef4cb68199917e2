// A million events through a background stream, read while they come: none may be missing.
import assert from "node:assert/strict";
import { loaded, streamed } from "../support/answers.ts";
import { McpSession } from "../support/client.ts";
import { LineClient } from "../support/line_client.ts";
import { accountedFor } from "../support/events.ts";
import { bpftoolDump } from "../support/bpftool_dump.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { Trigger } from "../support/trigger.ts";

const burst = 20_000; // the ring has room for 58,254
const bursts = 50;
const total = burst * bursts;
const patienceMs = 60_000;

/** Reads until the stream gave `until` events in all; each must be the successor of the last. */
async function readUntil(client: LineClient, streamId: string, until: number, next: number) {
  const deadline = performance.now() + patienceMs;
  while (next < until) {
    const args = { stream_id: streamId, limit: 100_000, wait_ms: 5_000 };
    const { events, ...account } = await client.call("read_stream", args);
    const answer = streamed.parse({ ...account, events: [] });
    accountedFor(answer);
    assert.deepEqual(answer.dropped, { ours: 0, kernel: 0 });
    assert.ok(Array.isArray(events));
    for (const event of events) {
      const number: unknown = Reflect.get(event, "number");
      if (number !== next++) assert.fail(`event ${number} came, ${next - 1} is the next`);
    }
    assert.equal(answer.returned, next);
    assert.ok(performance.now() < deadline, `${next} of ${until} events came`);
  }
  return next;
}

kernelTest("a million events through background reads are all accounted for", async () => {
  await using trigger = await Trigger.start();
  const args = ["--role", "operator", "--objects", "/", "--byte-budget", String(4 << 20)];
  await using client = await LineClient.connect({ args });
  const object = loaded.parse(
    await client.call("load_program", {
      source: { type: "file", path: await buildObject("flood") },
      programs: ["on_getppid"],
      globals: { target_pid: trigger.pid, burst },
    }),
  );
  const [{ program_id }] = object.programs;
  await client.call("attach_program", { program_id, attachment: { type: "auto" } });
  const { stream_id } = await client.call("stream_events", { program_id, background: true });
  let next = 0;
  for (let number = 1; number <= bursts; number++) {
    await trigger.run("getppid 1");
    next = await readUntil(client, String(stream_id), number * burst, next);
  }
  const last = streamed.parse(await client.call("stop_stream", { stream_id }));
  assert.equal(last.received, total);
  assert.equal(last.returned, total);
  const bss = object.maps.find(({ name }) => name.endsWith(".bss"));
  assert.ok(bss !== undefined);
  const [{ value }] = await bpftoolDump(bss.map_id);
  assert.deepEqual(value, { attempted: total, sent: total, dropped: 0 });
});

kernelTest("events that nobody reads in time are counted as filtered or dropped", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: ["--role", "operator", "--objects", "/"] });
  const object = await session.load(await buildObject("flood"), {
    programs: ["on_getppid"],
    globals: { target_pid: trigger.pid, burst },
  });
  const [{ program_id }] = object.programs;
  await session.attach(program_id, { type: "auto" });
  const filters = { where: [{ field: "low", op: "lt", value: 128 }] }; // half of them
  const { stream_id } = await session.stream({ program_id, background: true, filters });
  for (let number = 0; number < bursts; number++) {
    await trigger.run("getppid 1");
    if (number % 10 === 0) await session.read(stream_id, { wait_ms: 100 });
  }
  await session.stop(stream_id);
  const answer = await session.read(stream_id, { wait_ms: 0 });
  accountedFor(answer);
  const { received, pending, dropped, filtered } = answer;
  assert.ok(dropped.ours > 0 && filtered > 0);
  assert.equal(received + pending + Number(dropped.kernel), total);
});
