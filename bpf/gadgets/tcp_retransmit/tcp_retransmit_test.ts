// tcp_retransmit against the counters of a network namespace where packets are dropped on purpose.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const commands = ["silent 5", "unheard 3", "lossy 2", "counter RetransSegs"];

gadgetTest(
  "tcp_retransmit",
  "reports what TcpRetransSegs counts, segment by segment",
  async (test) => {
    const { events, answers, subject } = await test.observe("network", commands);
    const [[port, silent], [, unheard], [lossy], [counted]] = answers;
    const of = (kind: string) => events.filter((event) => event.kind === `RETRANSMIT_${kind}`);
    assert.equal(of("SYN").length, Number(silent) + Number(unheard));
    assert.equal(of("DATA").length, Number(lossy));
    const rest = Number(counted) - Number(silent) - Number(unheard) - Number(lossy);
    assert.ok(rest > 0);
    assert.equal(of("SYN_ACK").length, rest);
    const segments = events.reduce((sum, event) => sum + Number(event.segments), 0);
    assert.equal(segments, Number(counted));
    const to = of("SYN").filter(({ remote_port }) => remote_port === Number(port));
    assert.equal(to.length, Number(silent));
    assert.ok(of("SYN").every(({ state }) => state === "STATE_SYN_SENT"));
    assert.ok(of("SYN_ACK").every(({ state }) => state === "STATE_NEW_SYN_RECV"));
    for (const { state, payload_bytes } of of("DATA")) {
      assert.deepEqual([state, payload_bytes], ["STATE_ESTABLISHED", 4]);
    }
    for (const { owner_known, pid, comm } of events) {
      assert.deepEqual([owner_known, pid, comm], [true, subject.pid, "network"]);
    }
  },
);

gadgetTest("tcp_retransmit", "says when it does not know whose a connection is", async (test) => {
  const subject = await test.workload("network");
  await subject.run("hold 1 0");
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  const [resent] = await subject.run("lose 1");
  const { events } = await running.stop();
  assert.equal(events.length, Number(resent));
  for (const { owner_known, pid, comm, uid, kind } of events) {
    assert.deepEqual([owner_known, pid, comm], [false, 0, ""]);
    assert.deepEqual([uid, kind], [Deno.uid(), "RETRANSMIT_DATA"]);
  }
});

gadgetTest("tcp_retransmit", "follows ports and processes", async ({ observe }) => {
  const count = async (also: Record<string, unknown>) => {
    const { events, answers: [[resent]] } = await observe("network", ["lossy 1"], { also });
    return events.length / Number(resent);
  };
  assert.equal(await count({ comm: "network", uid: Deno.uid() }), 1);
  assert.equal(await count({ remote_port: 1 }), 0);
  assert.equal(await count({ netns: 1 }), 0);
  assert.equal(await count({ pid: Deno.pid }), 0);
});
