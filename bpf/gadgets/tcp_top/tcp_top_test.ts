// tcp_top over connections whose bytes are known, in a network namespace of their own.
import assert from "node:assert/strict";
import * as z from "zod";
import { gadgetTest, type Observation } from "../../../tests/support/gadgets.ts";

const tcpRow = z.object({
  pid: z.number(),
  uid: z.number(),
  comm: z.string(),
  cgroup_id: z.number(),
  owner_known: z.boolean(),
  bytes: z.number(),
  sent_bytes: z.number(),
  received_bytes: z.number(),
  srtt_us: z.number(),
  local_port: z.number(),
  remote_port: z.number(),
  local_address: z.string(),
  remote_address: z.string(),
  netns: z.number(),
});
type TcpRow = z.output<typeof tcpRow>;

function rowsOf({ rows }: Pick<Observation, "rows">): TcpRow[] {
  return rows.map((row) => tcpRow.parse(row));
}

/** What the connections carried, from this end to the other and back, in no order. */
function carried(rows: readonly TcpRow[]): string[] {
  return rows.map(({ sent_bytes, received_bytes }) => `${sent_bytes} ${received_bytes}`).sort();
}

/** Both ends of so many connections. */
function ends(count: number, out: number, back: number): string[] {
  return [...Array(count).fill(`${out} ${back}`), ...Array(count).fill(`${back} ${out}`)].sort();
}

gadgetTest("tcp_top", "counts each byte of a connection, at both ends", async (test) => {
  const commands = ["transfer 5 100000 300", "transfer 1 0 7", "connect 4 6"];
  const { subject, ...observed } = await test.observe("network", commands);
  const rows = rowsOf(observed);
  assert.deepEqual(carried(rows), [...ends(5, 100_000, 300), ...ends(1, 0, 7)].sort());
  const [[netns], cgroup] = [await subject.run("netns 0"), await Deno.stat(test.cgroup.path)];
  for (const row of rows) {
    assert.deepEqual([row.pid, row.comm, row.owner_known], [subject.pid, "network", true]);
    assert.deepEqual([row.uid, row.cgroup_id, row.netns], [Deno.uid(), cgroup.ino, Number(netns)]);
    assert.deepEqual([row.local_address, row.remote_address], ["127.0.0.1", "127.0.0.1"]);
    assert.equal(row.bytes, row.sent_bytes + row.received_bytes);
    assert.ok(row.srtt_us > 0);
    const other = rows.filter(({ local_port }) => local_port === row.remote_port);
    assert.deepEqual(other.map(({ remote_port }) => remote_port), [row.local_port]);
  }
  assert.deepEqual(rows.map(({ bytes }) => bytes), [...Array(10).fill(100_300), 7, 7]);
});

gadgetTest("tcp_top", "tells of connections that stay open", async (test) => {
  const [subject, twin] = [await test.workload("network"), await test.twin("network")];
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  for (const one of [subject, twin]) await one.run("hold 6 70000");
  let seen: string[] = [];
  const wanted = ends(6, 70_000, 0);
  for (let looks = 0; looks < 100 && seen.join() !== wanted.join(); looks++) {
    const { rows = [] } = await test.session.read(running.streamId, { wait_ms: 0 });
    seen = carried(rowsOf({ rows }));
  }
  assert.deepEqual(seen, wanted);
  await subject.run("release 6 40");
  assert.deepEqual(carried(rowsOf(await running.stop())), ends(6, 70_000, 40));
});

gadgetTest("tcp_top", "counts of older connections what they carry now", async (test) => {
  const subject = await test.workload("network");
  await subject.run("hold 6 700");
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  await subject.run("release 6 40");
  assert.deepEqual(carried(rowsOf(await running.stop())), ends(6, 0, 40));
});

gadgetTest("tcp_top", "counts once what is sent again", async (test) => {
  const observed = await test.observe("network", ["lossy 3"]);
  assert.ok(Number(observed.answers[0][0]) >= 6, "each was sent again twice or more");
  assert.deepEqual(carried(rowsOf(observed)), ends(3, 4, 0));
});

gadgetTest("tcp_top", "keeps to the process and the place that it is given", async (test) => {
  const commands = ["refused 5", "abandoned 3", "transfer 2 900 1"];
  const count = async (also: Record<string, number | string | null>) => {
    const observed = await test.observe("network", commands, { also });
    return carried(rowsOf(observed));
  };
  const all = ends(2, 900, 1);
  assert.deepEqual(await count({ comm: "network", uid: Deno.uid() }), all);
  assert.deepEqual(await count({ comm: "networks" }), []);
  assert.deepEqual(await count({ remote_port: 1 }), []);
  const { subject, ...byPid } = await test.observe("network", commands, {
    params: ({ pid }) => ({ pid }),
  });
  const rows = rowsOf(byPid);
  assert.deepEqual(carried(rows), all, "accepted ones, too");
  assert.ok(rows.every(({ pid }) => pid === subject.pid));
});
