// tcp_rtt against the packets that the ends of a connection say they have received.
import assert from "node:assert/strict";
import * as z from "zod";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const loopback = "127.0.0.1";
const rounds = 150;

const rttRow = z.object({
  remote_address: z.string(),
  remote_port: z.number(),
  count: z.number(),
  total_ns: z.number(),
  slots: z.object({ unit: z.literal("us"), count: z.number() }).loose(),
}).loose();

gadgetTest("tcp_rtt", "takes a sample of each packet, by address and port", async (test) => {
  const began = performance.now();
  const { rows, answers: [[client, server, toClient, toServer]] } = await test.observe(
    "network",
    [`echo ${rounds}`],
    { also: { by_port: true } },
  );
  const elapsedNs = (performance.now() - began) * 1e6;
  const found = rttRow.array().parse(rows);
  const byPort = new Map(found.map((row) => [row.remote_port, row]));
  assert.deepEqual([...byPort.keys()].sort(), [Number(client), Number(server)].sort());
  assert.equal(byPort.get(Number(server))?.count, Number(toClient));
  assert.equal(byPort.get(Number(client))?.count, Number(toServer));
  for (const { remote_address, count, total_ns, slots } of found) {
    assert.equal(remote_address, loopback);
    assert.ok(count >= rounds, "each round is a packet at least");
    assert.equal(slots.count, count);
    assert.ok(total_ns >= count * 1000 && total_ns / count < elapsedNs);
  }
});

gadgetTest("tcp_rtt", "sums up by address, and follows ports", async ({ observe }) => {
  const commands = [`echo ${rounds}`, "echo 10"];
  const { rows, answers } = await observe("network", commands);
  const [{ remote_address, remote_port, count }, ...others] = rttRow.array().parse(rows);
  assert.deepEqual([remote_address, remote_port, others.length], [loopback, 0, 0]);
  const received = answers.flatMap(([, , toClient, toServer]) => [toClient, toServer]);
  assert.equal(count, received.reduce((sum, packets) => sum + Number(packets), 0));
  assert.deepEqual((await observe("network", commands, { also: { remote_port: 1 } })).rows, []);
});
