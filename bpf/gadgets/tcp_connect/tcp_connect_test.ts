// tcp_connect over sockets whose every attempt is known, in a network namespace of their own.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const EADDRNOTAVAIL = -99;
const ENETUNREACH = -101;
const ECONNABORTED = -103;
const ETIMEDOUT = -110;
const ECONNREFUSED = -111;

const loopback = "127.0.0.1";
const loopback6 = "::1";

function outcomes(events: readonly Fields[]): unknown[] {
  return events.map(({ outcome, ret }) => [outcome, ret]);
}

gadgetTest("tcp_connect", "reports each connection once, by either family", async (test) => {
  const { events, subject, answers } = await test.observe("network", [
    "connect 20 4",
    "connect 10 6",
    "connect 5 mapped",
  ]);
  const [port4, port6, mapped] = answers.map(([port]) => Number(port));
  const established = Array(35).fill(["CONNECT_ESTABLISHED", 0]);
  assert.deepEqual(outcomes(events), established);
  const ports = events.map(({ remote_port }) => remote_port);
  assert.deepEqual(ports, [
    ...Array(20).fill(port4),
    ...Array(10).fill(port6),
    ...Array(5).fill(mapped),
  ]);
  const places = events.map(({ remote_address }) => remote_address);
  assert.deepEqual([places[0], places[20], places[30]], [loopback, loopback6, loopback]);
  assert.deepEqual(events.map(({ local_address }) => local_address), places);
  for (const { pid, comm, local_port, latency_ns } of events) {
    assert.deepEqual([pid, comm], [subject.pid, "network"]);
    assert.ok(Number(local_port) > 0 && Number(latency_ns) > 0);
  }
});

gadgetTest("tcp_connect", "reports each failure with its errno", async ({ observe }) => {
  const { events, answers } = await observe("network", [
    "refused 7",
    "again 5",
    "unreachable 4",
    "silent 3",
    "abandoned 6",
  ]);
  assert.deepEqual(outcomes(events), [
    ...Array(7).fill(["CONNECT_FAILED", ECONNREFUSED]),
    ...Array(5).fill(["CONNECT_FAILED", ECONNREFUSED]),
    ...Array(4).fill(["CONNECT_FAILED", ENETUNREACH]),
    ...Array(3).fill(["CONNECT_FAILED", ETIMEDOUT]),
    ...Array(6).fill(["CONNECT_ABANDONED", ECONNABORTED]),
  ]);
  const called = answers.flatMap(([port], i) => Array([7, 5, 4, 3, 6][i]).fill(Number(port)));
  assert.deepEqual(events.map(({ remote_port }) => remote_port), called);
  assert.deepEqual(events[12].remote_address, "192.0.2.1");
  for (const { latency_ns } of events.slice(16, 19)) assert.ok(Number(latency_ns) > 1e9);
});

gadgetTest("tcp_connect", "reports an attempt that finds no free port", async ({ observe }) => {
  const { events, answers: [[port]] } = await observe("network", ["no_port 9"]);
  assert.deepEqual(outcomes(events), [
    ["CONNECT_ESTABLISHED", 0],
    ...Array(9).fill(["CONNECT_FAILED", EADDRNOTAVAIL]),
  ]);
  for (const { remote_port, remote_address } of events) {
    assert.deepEqual([remote_port, remote_address], [Number(port), loopback]);
  }
});

gadgetTest("tcp_connect", "follows ports, namespaces and latencies", async (test) => {
  const commands = ["connect 4 4", "refused 3", "unreachable 2"];
  const count = async (also: Record<string, unknown>) => {
    const { events } = await test.observe("network", commands, { also });
    return events.length;
  };
  assert.equal(await count({ failed_only: true }), 5);
  assert.equal(await count({ remote_port: 9 }), 2);
  assert.equal(await count({ local_port: 1 }), 0);
  assert.equal(await count({ min_latency_us: 60_000_000 }), 0);
  const { events } = await test.observe("network", commands);
  const [{ netns }] = events;
  assert.ok(events.every((event) => event.netns === netns) && Number(netns) > 0);
  assert.equal(await count({ netns: Number(netns) }), 0, "others have namespaces of their own");
});
