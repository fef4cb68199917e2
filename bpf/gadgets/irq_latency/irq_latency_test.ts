// irq_latency beside /proc/softirqs, where the kernel counts each run of a softirq just before it.
// Softirqs that come of themselves are fenced in: that count is read on both sides of the gadget's.
import assert from "node:assert/strict";
import * as z from "zod";
import { type GadgetTest, gadgetTest } from "../../../tests/support/gadgets.ts";

const datagrams = 500;
const mostTries = 50;

const handlerRow = z.object({
  kind: z.enum(["irq", "softirq"]),
  name: z.string(),
  count: z.number(),
  total_ns: z.number(),
  slots: z.object({ unit: z.literal("ns"), count: z.number() }).loose(),
}).loose();

/** How often NET_RX has run on a CPU. */
async function netRx(cpu: number): Promise<number> {
  const [head, ...lines] = (await Deno.readTextFile("/proc/softirqs")).trim().split("\n");
  const column = head.trim().split(/\s+/).indexOf(`CPU${cpu}`);
  const words = lines.find((line) => line.includes("NET_RX:"))?.trim().split(/\s+/);
  return Number(words?.[column + 1]);
}

/** Runs of NET_RX so far, as the gadget says. */
async function counted(test: GadgetTest, streamId: string): Promise<number> {
  const { rows } = await test.session.read(streamId, { limit: 100, wait_ms: 0 });
  const own = (rows ?? []).map((row) => handlerRow.parse(row));
  assert.ok(own.every(({ kind, count, slots }) => kind === "softirq" && slots.count === count));
  return own.find(({ name }) => name === "NET_RX")?.count ?? 0;
}

gadgetTest("irq_latency", "counts each run of a softirq on its CPU", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const running = await test.start({ cpu: 0, hard: false });
  const look = async () => {
    const before = await netRx(0);
    const rows = await counted(test, running.streamId);
    return { before, rows, after: await netRx(0) };
  };
  let exact = 0;
  for (let tries = 0; tries < mostTries && exact === 0; tries++) {
    const start = await look();
    await subject.run(`datagrams 0 ${datagrams}`);
    await twin.run("sleep 5 1000");
    const end = await look();
    const runs = end.rows - start.rows;
    assert.ok(runs >= datagrams, `${runs} runs`);
    const [least, most] = [end.before - start.after, end.after - start.before];
    assert.ok(runs >= least && runs <= most, `${runs} runs, of ${least} to ${most}`);
    if (least === most) exact++;
  }
  assert.equal(exact, 1, "once at least nothing came between the readings");
  await running.stop();
});

gadgetTest("irq_latency", "keeps to the CPU and the kind that it is given", async (test) => {
  const subject = await test.workload("latency");
  const running = await test.start({ cpu: 8191, soft: true });
  await subject.run(`datagrams 0 ${datagrams}`);
  assert.deepEqual((await running.stop()).rows, []);
  const hard = await test.start({ soft: false });
  await subject.run(`datagrams 0 ${datagrams}`);
  const { rows } = await hard.stop();
  assert.ok(rows.every((row) => handlerRow.parse(row).kind === "irq"), JSON.stringify(rows));
});
