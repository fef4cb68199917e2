// tcp_life over connections whose bytes and ends are known, in a network namespace of their own.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const ECONNRESET = -104;

function sides(events: readonly Fields[]): { clients: Fields[]; servers: Fields[] } {
  const clients = events.filter(({ role }) => role === "ROLE_CLIENT");
  const servers = events.filter(({ role }) => role === "ROLE_SERVER");
  assert.equal(clients.length + servers.length, events.length, "each is one or the other");
  return { clients, servers };
}

gadgetTest("tcp_life", "reports both ends of each connection once, to the byte", async (test) => {
  const { events, subject } = await test.observe("network", [
    "transfer 12 10000 300",
    "transfer 3 0 0",
    "connect 4 6",
  ]);
  const { clients, servers } = sides(events);
  const sizes = [...Array(12).fill([10_000, 300]), ...Array(7).fill([0, 0])];
  assert.deepEqual(clients.map((one) => [one.sent_bytes, one.received_bytes]), sizes);
  assert.deepEqual(servers.map((one) => [one.received_bytes, one.sent_bytes]), sizes);
  for (const event of events) {
    const { pid, comm, owner_known, start_seen, ret, retransmits } = event;
    assert.deepEqual([pid, comm, owner_known], [subject.pid, "network", true]);
    assert.deepEqual([start_seen, ret, retransmits], [true, 0, 0]);
    assert.ok(Number(event.duration_ns) > 0);
  }
  const ends = (one: Fields) => [one.local_port, one.remote_port];
  assert.deepEqual(clients.map(ends), servers.map((one) => ends(one).reverse()));
});

gadgetTest("tcp_life", "tells resets, and owners as far as one was seen", async ({ observe }) => {
  const { events } = await observe("network", ["reset 5 100", "reset 3 0"]);
  const { clients, servers } = sides(events);
  assert.deepEqual(clients.map(({ ret }) => ret), Array(8).fill(0));
  assert.deepEqual(servers.map(({ ret }) => ret), Array(8).fill(ECONNRESET));
  assert.deepEqual(clients.map(({ sent_bytes }) => sent_bytes), [
    ...Array(5).fill(100),
    ...Array(3).fill(0),
  ]);
  assert.ok(clients.every(({ owner_known }) => owner_known));
  assert.deepEqual(servers.map(({ owner_known }) => owner_known), [
    ...Array(5).fill(true),
    ...Array(3).fill(false), // it has only accepted
  ]);
  for (const { owner_known, pid, comm } of servers) {
    if (!owner_known) assert.deepEqual([pid, comm], [0, ""]);
  }
});

gadgetTest("tcp_life", "counts what was sent again as the socket does", async ({ observe }) => {
  const { events, answers: [[resent]] } = await observe("network", ["lossy 3"]);
  const { clients, servers } = sides(events);
  const sum = clients.reduce((total, { retransmits }) => total + Number(retransmits), 0);
  assert.equal(sum, Number(resent));
  for (const { sent_bytes, retransmits, retransmitted_bytes } of clients) {
    assert.deepEqual([sent_bytes, retransmitted_bytes], [4, 4 * Number(retransmits)]);
  }
  assert.deepEqual(servers.map(({ received_bytes }) => received_bytes), [4, 4, 4]);
});

gadgetTest("tcp_life", "leaves out attempts that fail, and what is not asked for", async (test) => {
  const commands = ["refused 5", "abandoned 3", "unreachable 2", "transfer 2 1 1"];
  const all = await test.observe("network", commands);
  assert.equal(all.events.length, 4);
  const count = async (also: Record<string, unknown>) => {
    const { events } = await test.observe("network", commands, { also });
    return events.length;
  };
  assert.equal(await count({ min_duration_us: 3_600_000_000 }), 0);
  assert.equal(await count({ comm: "networks" }), 0);
  assert.equal(await count({ comm: "network", uid: Deno.uid() }), 4);
  assert.equal(await count({ remote_port: 1 }), 0);
});

gadgetTest(
  "tcp_life",
  "reports connections from before its start, all they carried",
  async (test) => {
    const subject = await test.workload("network");
    await subject.run("hold 6 700");
    const running = await test.start({ cgroup: `/${test.cgroup.name}` });
    await subject.run("release 6 40");
    const { events } = await running.stop();
    const carried = events.map((one) => [one.sent_bytes, one.received_bytes]);
    assert.deepEqual(carried, Array(6).fill([[700, 40], [40, 700]]).flat());
    for (const { role, start_seen, duration_ns, owner_known } of events) {
      assert.deepEqual([role, start_seen, duration_ns], ["ROLE_UNKNOWN", false, 0]);
      assert.equal(owner_known, true);
    }
  },
);
