// bind_snoop over sockets in a network namespace of their own.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const EBADF = -9;
const ENOTSOCK = -88;
const EOPNOTSUPP = -95;
const EADDRINUSE = -98;
const backlog = 7;

const loopback = "127.0.0.1";
const loopback6 = "::1";
const anywhere = "0.0.0.0";
const nowhere = "::";

const bound = (one: Fields) => [one.operation, one.protocol, one.local_address, one.local_port];

gadgetTest("bind_snoop", "reports each bind and listen, with the port given", async (test) => {
  const { events, subject, answers } = await test.observe("security", [
    "own_network 1",
    "listen_tcp 20",
    "bind_udp6 15",
    "bind_netlink 5",
  ]);
  const [, tcp, udp] = answers.map((ports) => ports.map(Number));
  const listening = tcp.flatMap((port) => [
    ["SOCKET_BIND", "PROTOCOL_TCP", loopback, port],
    ["SOCKET_LISTEN", "PROTOCOL_TCP", loopback, port],
  ]);
  const datagrams = udp.map((port) => ["SOCKET_BIND", "PROTOCOL_UDP", loopback6, port]);
  assert.deepEqual(events.map(bound), [...listening, ...datagrams]);
  const link = await Deno.readLink(`/proc/${subject.pid}/ns/net`);
  for (const { pid, ret, netns, asked_port, operation, ...rest } of events) {
    assert.deepEqual([pid, ret, `net:[${netns}]`, asked_port], [subject.pid, 0, link, 0]);
    assert.equal(rest.backlog, operation === "SOCKET_LISTEN" ? backlog : 0);
  }
  assert.deepEqual([events[0].family, events[0].type], ["FAMILY_INET", "TYPE_STREAM"]);
  assert.deepEqual([events[40].family, events[40].type], ["FAMILY_INET6", "TYPE_DGRAM"]);
});

gadgetTest("bind_snoop", "reports Unix sockets by path and by abstract name", async (test) => {
  const { events, subject } = await test.observe("security", ["own_network 1", "bind_unix 8"]);
  const paths = [`/tmp/security-${subject.pid}/socket`, "@hidden", ""];
  assert.deepEqual(events.map(({ unix_path }) => unix_path), Array(8).fill(paths).flat());
  for (const { family, ret } of events) assert.deepEqual([family, ret], ["FAMILY_UNIX", 0]);
  const without = { also: { unix: false } };
  const commands = ["own_network 1", "bind_unix 8", "listen_tcp 1"];
  assert.equal((await test.observe("security", commands, without)).events.length, 2);
});

gadgetTest("bind_snoop", "reports what failed with the address asked for", async (test) => {
  const commands = ["own_network 1", "listen_tcp 3", "bind_fails 6"];
  const also = { failed_only: true };
  const { events, answers } = await test.observe("security", commands, { also });
  const port = Number(answers[2][0]);
  const failures = [
    ["SOCKET_BIND", "PROTOCOL_TCP", loopback, port, EADDRINUSE],
    ["SOCKET_LISTEN", "PROTOCOL_UDP", anywhere, 0, EOPNOTSUPP],
    ["SOCKET_BIND", "PROTOCOL_NONE", loopback, port, ENOTSOCK],
    ["SOCKET_LISTEN", "PROTOCOL_NONE", nowhere, 0, EBADF],
  ];
  assert.deepEqual(
    events.map((one) => [...bound(one), one.ret]),
    Array(6).fill(failures).flat(),
  );
});

gadgetTest("bind_snoop", "follows ports and namespaces", async (test) => {
  const running = await test.start({ cgroup: `/${test.cgroup.name}`, local_port: 1 });
  const subject = await test.workload("security");
  await subject.run("own_network 1");
  await subject.run("listen_tcp 4");
  assert.equal((await running.stop()).events.length, 0);
  const link = await Deno.readLink(`/proc/${subject.pid}/ns/net`);
  const netns = Number(/\d+/.exec(link)?.[0]);
  const own = await test.start({ netns });
  const twin = await test.twin("security");
  await twin.run("own_network 1");
  for (const one of [subject, twin]) await one.run("listen_tcp 5");
  const { events } = await own.stop();
  assert.equal(events.length, 10);
  assert.ok(events.every(({ pid }) => pid === subject.pid));
});
