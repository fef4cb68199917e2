import assert from "node:assert/strict";
import { parseCpuList } from "../../../src/view/cpu_list.ts";

Deno.test("parseCpuList: reads ranges and single CPUs", () => {
  const table: [string, number[] | null][] = [
    ["0", [0]],
    ["0-3", [0, 1, 2, 3]],
    ["0-1\n", [0, 1]],
    ["0-1,8,10-11\n", [0, 1, 8, 10, 11]],
    ["", null],
    ["3-1", null],
    ["0-", null],
    ["0-1,nonsense", null],
  ];
  for (const [text, cpus] of table) assert.deepEqual(parseCpuList(text), cpus, text);
});

Deno.test("parseCpuList: does not believe more CPUs than a kernel can have", () => {
  assert.equal(parseCpuList("0-4294967295")?.length, 8192);
});
