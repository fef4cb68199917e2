// A short run of every target: nothing fails, enough gets past the first check, enough lines run.
import assert from "node:assert/strict";
import { say } from "../../scripts/say.ts";
import { LEAST_COVERED, LEAST_PAST, MOST_RSS, runCampaign } from "./campaign.ts";
import { resultRow, titleRow } from "./report.ts";
import { targets } from "./targets.ts";

const SEED = 1;

say(titleRow());
for (const target of targets) {
  Deno.test(`${target.name}: survives ${target.cases.short} inputs`, async () => {
    const result = await runCampaign({
      target,
      seed: SEED,
      first: 0,
      count: target.cases.short,
      processes: 1,
      lines: "counted",
    });
    say(resultRow(target.name, result));
    assert.deepEqual(result.failures.map(({ index, reason }) => `case ${index}: ${reason}`), []);
    assert.equal(result.cases, target.cases.short);
    assert.ok(result.past >= LEAST_PAST * result.cases, `${result.past} of ${result.cases} past`);
    assert.ok(result.rss <= MOST_RSS, `${result.rss} bytes in memory`);
    const { lines, ran, missed } = result.coverage ?? { lines: 0, ran: 0, missed: [] };
    assert.ok(ran >= LEAST_COVERED * lines, `${ran} of ${lines} lines: ${missed.join(" ")}`);
  });
}
