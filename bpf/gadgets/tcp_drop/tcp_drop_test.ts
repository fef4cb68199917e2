// tcp_drop against the counters of sockets and of a network namespace where packets are dropped.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import type { Arguments } from "../../../tests/support/client.ts";
import { type GadgetTest, gadgetTest } from "../../../tests/support/gadgets.ts";

const commands = [
  "refused 7",
  "counter OutRsts",
  "corrupt 9",
  "counter InCsumErrors",
  "silent 4",
  "lossy 2",
];

interface Dropped {
  readonly events: readonly Fields[];
  readonly pid: number;
  /** What the commands answered. */
  readonly answers: readonly (readonly string[])[];
}

/** What is dropped in the subject's network namespace, while a twin does the same in another. */
async function observeNamespace(test: GadgetTest, also: Arguments = {}): Promise<Dropped> {
  const [subject, other] = [await test.workload("network"), await test.twin("network")];
  const [netns] = await subject.run("netns 0");
  await other.run("netns 0");
  const running = await test.start({ netns: Number(netns), ...also });
  const answers: string[][] = [];
  for (const command of commands) {
    const [answer] = await Promise.all([subject.run(command), other.run(command)]);
    answers.push(answer);
  }
  const { events } = await running.stop();
  assert.ok(events.every((event) => event.netns === Number(netns)));
  return { events, pid: subject.pid, answers };
}

/** Whether this kernel tells the socket that a packet was for. */
function tellsReceiver(): boolean {
  const [major = 0, minor = 0] = Deno.osRelease().split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 11);
}

gadgetTest("tcp_drop", "reports each drop once, with the kernel's reason", async (test) => {
  const { events, pid, answers } = await observeNamespace(test);
  const [[closed], [resets], , [checksums], [port, , silent], [, lossy]] = answers;
  const by = (reason: string) => events.filter((event) => event.reason === reason);
  const refused = by("NO_SOCKET");
  assert.equal(refused.length, Number(resets));
  assert.equal(refused.length, 7);
  for (const { destination_port, packet_bytes, tcp_flags, owner_known, state } of refused) {
    assert.deepEqual([destination_port, packet_bytes, tcp_flags], [Number(closed), 60, 2]);
    assert.deepEqual([owner_known, state], [false, "STATE_UNKNOWN"]);
  }
  const corrupt = by("TCP_CSUM");
  assert.equal(corrupt.length, Number(checksums));
  const flows = corrupt.map(({ source_port, destination_port }) => [source_port, destination_port]);
  assert.deepEqual(flows, Array(9).fill([7, 9]));
  const filtered = by("SOCKET_FILTER");
  assert.equal(filtered.length, Number(silent) + Number(lossy));
  const calls = filtered.filter(({ destination_port }) => destination_port === Number(port));
  assert.equal(calls.length, Number(silent));
  for (const { state, pid: owner, owner_known } of calls) {
    const known = tellsReceiver();
    assert.deepEqual([state, owner_known], [known ? "STATE_LISTEN" : "STATE_UNKNOWN", known]);
    assert.equal(owner, known ? pid : 0);
  }
});

gadgetTest("tcp_drop", "follows ports, and users only where a socket is known", async (test) => {
  const corrupt = await observeNamespace(test, { port: 7 });
  assert.equal(corrupt.events.length, 9);
  assert.ok(corrupt.events.every(({ reason }) => reason === "TCP_CSUM"));
  const { events, answers: [, , , , [, , silent], [, lossy]] } = await observeNamespace(test, {
    uid: Deno.uid(),
  });
  const filtered = events.filter(({ reason }) => reason === "SOCKET_FILTER");
  assert.equal(filtered.length, tellsReceiver() ? Number(silent) + Number(lossy) : 0);
  assert.ok(events.every(({ reason }) => reason !== "NO_SOCKET" && reason !== "TCP_CSUM"));
});
