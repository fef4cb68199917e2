import assert from "node:assert/strict";
import { foldedStacks } from "../../../../src/view/picture/folded.ts";
import { foldStacks } from "../../../../src/view/picture/stack_rows.ts";

Deno.test("foldStacks: puts thread, program and kernel in the order of their calls", () => {
  const rows = [
    { comm: "web", count: 3, user_frames: ["read", "serve", "main"], kernel_frames: ["vfs_read"] },
    { comm: "web", count: 4, user_frames: ["parse", "main"], kernel_frames: ["[none]"] },
  ];
  const stacks = foldStacks(rows, "count");
  assert.deepEqual(foldedStacks(stacks), [
    "web;main;parse 4",
    "web;main;serve;read;vfs_read 3",
  ]);
  assert.deepEqual(stacks[1]?.frames.map(({ kind }) => kind), [
    "other",
    ...["user", "user", "user"],
    "kernel",
  ]);
});

Deno.test("foldStacks: adds up rows of one stack, by the weight that is asked", () => {
  const row = { comm: "a", user_frames: ["f"], kernel_frames: [], count: 1, total_ns: "30" };
  const other = { ...row, count: 5, total_ns: 12 };
  assert.deepEqual(foldStacks([row, other], "count").map(({ count }) => count), [6]);
  assert.deepEqual(foldStacks([row, other], "total_ns").map(({ count }) => count), [42]);
});

Deno.test("foldStacks: places without a name are one frame for each file", () => {
  const row = (place: string) => ({ count: 1, user_frames: [place, "main"] });
  const rows = ["a.so+0x1", "a.so+0x2f", "b.so+0x2"].map((place) => row(`${place} [no symbols]`));
  const gone = ["0x7f10", "0x7f20"].map((place) => row(`${place} [process gone]`));
  assert.deepEqual(foldedStacks(foldStacks([...rows, ...gone, row("f+0x1")], "count")), [
    "main;a.so [no symbols] 2",
    "main;[process gone] 2",
    "main;b.so [no symbols] 1",
    "main;f+0x1 1",
  ]);
});

Deno.test("foldStacks: leaves out what weighs nothing or has no frames", () => {
  const frames = { user_frames: ["f"] };
  const rows = [
    { count: 0, ...frames },
    { count: "many", ...frames },
    { ...frames },
    { count: 3 },
    { count: 3, user_frames: ["[none]"], kernel_frames: ["[gone]"] },
    { count: 3, user_frames: "f", kernel_frames: [7] },
  ];
  assert.deepEqual(foldStacks(rows, "count"), []);
  const kernelThread = { comm: "kworker/0:1", count: 1, kernel_frames: ["worker_thread"] };
  assert.deepEqual(foldedStacks(foldStacks([kernelThread], "count")), [
    "kworker/0:1;worker_thread 1",
  ]);
});
