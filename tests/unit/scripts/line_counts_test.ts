import assert from "node:assert/strict";
import { idleRanges, parseLcov, percent, share } from "../../../scripts/coverage/line_counts.ts";
import { repository } from "../../../scripts/paths.ts";

const report = `SF:${repository.pathname}src/a.ts
DA:1,2
DA:2,0
DA:3,0
DA:7,0
end_of_record
SF:${repository.pathname}src/b.ts
DA:1,1
end_of_record
SF:${repository.pathname}src/a.ts
DA:3,4
end_of_record
`;

Deno.test("parseLcov adds up the records of one file", () => {
  const files = parseLcov(report);
  assert.deepEqual([...files.keys()], ["src/a.ts", "src/b.ts"]);
  assert.deepEqual([...files.get("src/a.ts") ?? []], [[1, 2], [2, 0], [3, 4], [7, 0]]);
});

Deno.test("share counts the lines that ran, and percent is 100 where there are none", () => {
  const counted = share(parseLcov(report).values());
  assert.deepEqual(counted, { lines: 5, ran: 3 });
  assert.equal(percent(counted), 60);
  assert.equal(percent(share([])), 100);
});

Deno.test("idleRanges names the lines that did not run", () => {
  const lines = new Map([[9, 0], [1, 0], [2, 0], [3, 1], [4, 0]]);
  assert.equal(idleRanges(lines), "1-2 4 9");
});
