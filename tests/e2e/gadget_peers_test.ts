// Our gadgets beside those of libbpf-tools and bpftrace that answer the same question, at once over
// one workload: the same events, by what both tell of them.
import assert from "node:assert/strict";
import * as z from "zod";
import { type Fields, type Streamed, streamed } from "../support/answers.ts";
import { type Arguments, McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { PeerTracer } from "../support/peer_tracer.ts";
import { Workload } from "../support/workload.ts";

const args = ["--role", "operator", "--byte-budget", "262144"];
const answer = streamed.extend({ gadget: z.string() });

interface Pair {
  readonly gadget: string;
  readonly params: (subject: Workload) => Arguments;
  readonly peer: (subject: Workload) => readonly string[];
  /** How many programs the peer attaches. */
  readonly programs: number;
  readonly workload: string;
  readonly commands: readonly string[];
}

interface Both {
  readonly subject: Workload;
  /** Events or rows. */
  readonly ours: readonly Fields[];
  /** The peer's lines, by words. */
  readonly theirs: readonly string[][];
}

/** Lets both watch while the workload obeys. */
async function watch(pair: Pair, look: (both: Both) => void): Promise<void> {
  await using session = await McpSession.start({ args });
  await using subject = await Workload.start(pair.workload);
  const run = { gadget: pair.gadget, params: pair.params(subject), background: true };
  const { stream_id } = await session.ask(answer, "run_gadget", {
    ...run,
    max_overhead_percent: 100,
  });
  await using peer = await PeerTracer.start(pair.peer(subject), pair.programs);
  for (const command of pair.commands) await subject.run(command);
  let account: Streamed = await session.stop(stream_id);
  const ours: Fields[] = [...account.rows ?? []];
  while (account.rows === undefined && account.next_cursor !== null) {
    account = await session.read(stream_id, { limit: 10_000, wait_ms: 0 });
    ours.push(...account.events);
  }
  const theirs = (await peer.stop()).map((line) => line.trim().split(/\s+/));
  look({ subject, ours, theirs });
}

const ofSubject = ({ pid }: Workload) => ({ pid });

kernelTest("open_snoop sees what opensnoop sees", async () => {
  await watch({
    gadget: "open_snoop",
    params: ofSubject,
    peer: ({ pid }) => ["/usr/sbin/opensnoop", "-p", String(pid)],
    programs: 2,
    workload: "opens",
    commands: ["openat 40", "missing 30", "relative 20"],
  }, ({ ours, theirs }) => {
    const lines = theirs.filter(([pid]) => /^\d+$/.test(pid)).map((
      [, , fd, error, path],
    ) => [Number(fd), 0 - Number(error), path]);
    assert.equal(lines.length, 91); // the folder of the relative ones too
    assert.deepEqual(ours.map((one) => [one.fd, one.ret, one.path]), lines);
  });
});

kernelTest("exec_snoop sees what execsnoop sees", async () => {
  await watch({
    gadget: "exec_snoop",
    params: ({ pid }) => ({ ppid: pid }),
    peer: () => ["/usr/sbin/execsnoop", "-x"],
    programs: 2,
    workload: "execs",
    commands: ["true 20", "missing 10"],
  }, ({ ours, theirs, subject: { pid } }) => {
    const lines = theirs.filter(([, , ppid]) => ppid === String(pid));
    assert.equal(lines.length, 30);
    assert.deepEqual(
      ours.map(({ comm, pid, ret }) => [comm, String(pid), String(ret)]),
      lines.map(([comm, pid, , ret]) => [comm, pid, ret]),
    );
  });
});

kernelTest("open_snoop sees what bpftrace's opensnoop sees", async () => {
  await watch({
    gadget: "open_snoop",
    params: ofSubject,
    peer: () => ["/usr/sbin/opensnoop.bt"],
    programs: 4,
    workload: "opens",
    commands: ["openat 40", "missing 30", "relative 20"],
  }, ({ ours, theirs, subject: { pid } }) => {
    const lines = theirs.filter(([own]) => own === String(pid)).map((
      [, , fd, error, path],
    ) => [Number(fd), 0 - Number(error), path]);
    assert.equal(lines.length, 91);
    assert.deepEqual(ours.map((one) => [one.fd, one.ret, one.path]), lines);
  });
});

kernelTest("exec_snoop sees what bpftrace's execsnoop sees", async () => {
  await watch({
    gadget: "exec_snoop",
    params: ({ pid }) => ({ ppid: pid }),
    peer: () => ["/usr/sbin/execsnoop.bt"],
    programs: 2,
    workload: "execs",
    commands: ["true 20", "missing 10"],
  }, ({ ours, theirs }) => {
    assert.equal(ours.length, 30);
    // it reads arguments when the call begins, where those in pages that the child did not touch
    // yet cannot be read: who calls is what both tell
    const pids = ours.map(({ pid }) => String(pid));
    const theirPids = theirs.map(([, pid]) => pid);
    assert.deepEqual(theirPids.filter((pid) => pids.includes(pid)), pids);
  });
});

kernelTest("exit_snoop sees what exitsnoop sees", async () => {
  await watch({
    gadget: "exit_snoop",
    params: () => ({ comm: "exits", threads: false }),
    peer: () => ["/usr/sbin/exitsnoop"],
    programs: 1,
    workload: "exits",
    commands: ["exit 3 20", "signal 9 10"],
  }, ({ ours, theirs, subject: { pid } }) => {
    const lines = theirs.filter(([, , ppid]) => ppid === String(pid));
    assert.equal(lines.length, 30);
    assert.deepEqual(
      ours.map(({ pid, signal, exit_code }) => {
        return [String(pid), ...signal === 0 ? ["code", String(exit_code)] : ["signal", "9"]];
      }),
      lines.map(([, pid, , , , what, number]) => [pid, what, number]),
    );
  });
});

kernelTest("signal_snoop sees what sigsnoop sees", async () => {
  await watch({
    gadget: "signal_snoop",
    params: ({ pid }) => ({ pid, refused: false }),
    peer: () => ["/usr/sbin/sigsnoop"],
    programs: 1,
    workload: "signals",
    commands: ["term 10", "ignored 15", "thread 5"],
  }, ({ ours, theirs, subject: { pid } }) => {
    const own = String(pid);
    const lines = theirs.filter(([, sender, , , receiver]) => sender === own || receiver === own);
    assert.equal(lines.length, 10 * 2 + 15 + 5);
    assert.deepEqual(
      ours.map((one) => [one.pid, one.signal, one.receiver_pid].join(" ")).sort(),
      // in the order in which its buffers, one of each CPU, are read
      lines.map(([, sender, , signal, receiver]) => [sender, signal, receiver].join(" ")).sort(),
    );
  });
});

kernelTest("syscall_latency counts what syscount counts", async () => {
  await watch({
    gadget: "syscall_latency",
    params: ofSubject,
    peer: ({ pid }) => ["/usr/sbin/syscount", "-L", "-p", String(pid)],
    programs: 2,
    workload: "syscalls",
    commands: ["getppid 5000", "bad 300", "sleep 5 10"],
  }, ({ ours, theirs }) => {
    const counts = new Map(theirs.map(([name, count, us]) => [name, { count, us: Number(us) }]));
    const largest = ours.map(({ count }) => Number(count)).sort((a, b) => b - a);
    assert.equal(counts.get("getppid")?.count, "5000");
    assert.equal(largest[0], 5000);
    for (const [name, count] of [["close", 300], ["nanosleep", 10]] as const) {
      assert.equal(counts.get(name)?.count, String(count));
      const row = ours.find((one) => one.count === count);
      const [took, took_us] = [Number(row?.total_ns) / 1000, counts.get(name)?.us ?? 0];
      assert.ok(took < took_us * 2 && took_us < took * 2, `${name}: ${took} us, ${took_us} us`);
    }
  });
});
