// memory_growth over a program whose functions allocate known numbers of blocks of known sizes.
import assert from "node:assert/strict";
import * as z from "zod";
import { type Fields, streamed } from "../../../tests/support/answers.ts";
import { type GadgetTest, gadgetTest, type Observation } from "../../../tests/support/gadgets.ts";
import type { Workload } from "../../../tests/support/workload.ts";

const BLOCKS_MAX = 262_144;

const heapRow = z.object({
  pid: z.number(),
  comm: z.string(),
  user_stack: z.number(),
  live_bytes: z.number(),
  live_count: z.number(),
  allocated_bytes: z.number(),
  allocated_count: z.number(),
  freed_bytes: z.number(),
  freed_count: z.number(),
  user_frames: z.array(z.string()),
});

type HeapRow = z.output<typeof heapRow>;
/** Bytes and blocks. */
type Sum = readonly [bytes: number, count: number];

function read(rows: Observation["rows"]): HeapRow[] {
  const parsed = rows.map((row) => heapRow.parse(row));
  for (const row of parsed) {
    assert.equal(row.live_bytes, row.allocated_bytes - row.freed_bytes, "what is not freed lives");
    assert.equal(row.live_count, row.allocated_count - row.freed_count);
    assert.ok(row.live_bytes >= 0 && row.live_count >= 0, JSON.stringify(row));
  }
  return parsed;
}

/** What the function of this name allocated itself: in all, and what lives. */
function of(rows: readonly HeapRow[], name: string): { all: Sum; live: Sum } {
  const own = rows.filter(({ user_frames: [frame] }) => frame === name);
  const sum = (field: "live_bytes" | "live_count" | "allocated_bytes" | "allocated_count") =>
    own.reduce((total, row) => total + row[field], 0);
  return {
    all: [sum("allocated_bytes"), sum("allocated_count")],
    live: [sum("live_bytes"), sum("live_count")],
  };
}

/** The program with its input and output ready: those have blocks too. */
async function heap(test: GadgetTest, where: "workload" | "twin" = "workload"): Promise<Workload> {
  const program = await test[where]("heap");
  await program.run("grow 0 0");
  return program;
}

gadgetTest("memory_growth", "counts what each function allocates and what lives", async (test) => {
  const [subject, twin] = [await heap(test), await heap(test, "twin")];
  const before = ["grow 40 1000"];
  const commands = [
    "shrink 30", // which were there before it began
    "grow 100 48",
    "clear 20 400",
    "shrink 5", // of clear_blocks
    "align 9 256",
    "churn 50 64",
  ];
  for (const command of before) await subject.run(command);
  const running = await test.start({ pid: subject.pid });
  for (const command of commands) {
    await subject.run(command);
    await twin.run(command);
  }
  const rows = read((await running.stop()).rows);
  assert.ok(rows.every(({ pid, comm }) => pid === subject.pid && comm === "heap"));
  assert.deepEqual(of(rows, "grow_blocks"), { all: [4_800, 100], live: [4_800, 100] });
  assert.deepEqual(of(rows, "clear_blocks"), { all: [8_000, 20], live: [6_000, 15] });
  assert.deepEqual(of(rows, "align_blocks"), { all: [2_304, 9], live: [2_304, 9] });
  assert.deepEqual(of(rows, "churn_blocks"), { all: [3_200, 50], live: [0, 0] });
  assert.ok(rows.every(({ user_frames }) => user_frames.includes("main")), JSON.stringify(rows));
  const sum = rows.reduce((total, { live_bytes }) => total + live_bytes, 0);
  assert.equal(sum, 4_800 + 6_000 + 2_304, "and nothing else");
});

gadgetTest(
  "memory_growth",
  "moves blocks with realloc, and keeps them where it fails",
  async (test) => {
    const subject = await heap(test);
    await subject.run("grow 4 100");
    const running = await test.start({ pid: subject.pid });
    await subject.run("grow 6 200");
    await subject.run("fresh 10 300"); // all 20 have 300 bytes now
    await subject.run("resize 5000");
    await subject.run("fail");
    const rows = read(await soFar(test, running.streamId));
    assert.deepEqual(of(rows, "grow_blocks"), { all: [1_200, 6], live: [0, 0] });
    const all: Sum = [20 * 300 + 20 * 5_000, 40];
    assert.deepEqual(of(rows, "resize_blocks"), { all, live: [100_000, 20] });
    assert.deepEqual(of(rows, "refuse_blocks"), { all: [0, 0], live: [0, 0] });
    await subject.run("empty"); // realloc to 0 bytes
    const after = read((await running.stop()).rows);
    assert.deepEqual(of(after, "resize_blocks"), { all, live: [0, 0] });
  },
);

gadgetTest("memory_growth", "follows blocks between threads, and only its own", async (test) => {
  const [subject, twin] = [await heap(test), await heap(test, "twin")];
  const path = `/proc/${subject.pid}/exe`;
  const running = await test.start({ path, cgroup: `/${test.cgroup.name}`, min_bytes: 100 });
  for (const program of [subject, twin]) {
    await program.run("grow 7 99");
    await program.run("resize 120");
    await program.run("resize 99");
    await program.run("threads 4 60 128"); // few: an emulated guest counts the other CPU's time too
  }
  const rows = read((await running.stop()).rows);
  assert.ok(rows.every(({ pid }) => pid === subject.pid));
  assert.deepEqual(of(rows, "grow_blocks"), { all: [0, 0], live: [0, 0] });
  assert.deepEqual(of(rows, "resize_blocks"), { all: [840, 7], live: [0, 0] });
  assert.deepEqual(of(rows, "share_blocks"), { all: [30_720, 240], live: [512, 4] });
});

gadgetTest("memory_growth", "counts what finds no room, and draws the rest", async (test) => {
  const { session } = test;
  const subject = await heap(test);
  const running = await test.start({ pid: subject.pid });
  const more = 50;
  await subject.run(`grow ${BLOCKS_MAX + more} 16`);
  const uri = `bpf://session/lines/${running.streamId}`;
  const { contents: [lines] } = await session.client.readResource({ uri });
  assert.ok(lines !== undefined && "text" in lines);
  assert.match(lines.text, new RegExp(`^heap;.*main;(.*;)?grow_blocks ${16 * BLOCKS_MAX}$`, "m"));
  await subject.run("shrink 100000");
  const account = await session.ask(streamed, "stop_stream", { stream_id: running.streamId });
  assert.deepEqual(account.dropped, { ours: 0, kernel: more });
  assert.equal(account.complete, false);
  const rows = read(account.rows ?? []);
  const live = BLOCKS_MAX - 100_000 + more; // those that found no room came last, and go first
  assert.deepEqual(of(rows, "grow_blocks"), {
    all: [16 * BLOCKS_MAX, BLOCKS_MAX],
    live: [16 * live, live],
  });
});

gadgetTest(
  "memory_growth",
  "finds the C library of a process, and says what is missing",
  async (test) => {
    const { session } = test;
    const shell = await test.workload("shell");
    const [pid] = await shell.run("begin");
    const running = await test.start({ pid: Number(pid) });
    await shell.run("line text=$(printf '%300000d' 0)");
    const { rows } = await running.stop();
    const live = read(rows).reduce((sum, { live_bytes }) => sum + live_bytes, 0);
    assert.ok(live >= 300_000 && live < 3_000_000, `${live} bytes live`);
    await shell.run("end");
    const refusal = (params: Fields) =>
      session.refusal("run_gadget", { gadget: "memory_growth", params });
    const neither = await refusal({});
    assert.equal(neither.code, "invalid_arguments");
    assert.match(neither.message, /has neither pid nor path, wanted one of them$/);
    const dynamic = await refusal({ path: "/bin/bash" });
    assert.match(dynamic.message, /^"\/bin\/bash" has no function "malloc" or "free"$/);
    assert.match(JSON.stringify(dynamic.context), /ldd FILE/);
    const gone = await refusal({ pid: 4_194_303 });
    assert.equal(gone.code, "process_not_found");
  },
);

/** The rows of a gadget that goes on. */
async function soFar({ session }: GadgetTest, streamId: string): Promise<readonly Fields[]> {
  const { rows } = await session.read(streamId, { limit: 1_000, wait_ms: 0 });
  return rows ?? [];
}
