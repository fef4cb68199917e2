import assert from "node:assert/strict";
import { countCpus } from "../../../src/host/cpu_list.ts";

Deno.test("countCpus: counts ranges and single CPUs", () => {
  const cases: [string, number | null][] = [
    ["0", 1],
    ["0-1", 2],
    ["0-3,8,10-11", 7],
    ["0-1\n", 2],
    ["", null],
    ["3-1", null],
    ["0-", null],
    ["none", null],
  ];
  for (const [list, count] of cases) assert.equal(countCpus(list), count, JSON.stringify(list));
});
