import assert from "node:assert/strict";
import { countTests, testCases } from "../../../scripts/test_report.ts";

function report(tests: number, failures: number, cases = ""): string {
  const totals = `tests="${tests}" failures="${failures}" errors="0" time="0.1"`;
  return `<?xml version="1.0"?>\n<testsuites name="deno test" ${totals}>\n${cases}</testsuites>\n`;
}

Deno.test("countTests reads passed and failed from the totals", () => {
  assert.deepEqual(countTests(report(6, 0), 0), { passed: 6, failed: 0 });
  assert.deepEqual(countTests(report(6, 2), 1), { passed: 4, failed: 2 });
});

Deno.test("countTests takes a skipped test for a failed one", () => {
  const skip = '<testcase name="c"><skipped/></testcase>';
  assert.deepEqual(countTests(report(3, 0, skip), 0), { passed: 2, failed: 1 });
});

Deno.test("countTests takes a run without tests for a failed one", () => {
  assert.deepEqual(countTests(report(0, 0), 0), { passed: 0, failed: 1 });
  assert.deepEqual(countTests("", 0), { passed: 0, failed: 1 });
});

Deno.test("countTests believes the exit code over the report", () => {
  assert.deepEqual(countTests(report(5, 0), 1), { passed: 5, failed: 1 });
});

Deno.test("testCases names each test with the reason of its failure", () => {
  const file = "./tests/e2e/a_test.ts";
  const testcase = (name: string, body: string) => {
    const attributes = `name="${name}" classname="${file}" time="0.1" line="1" col="6"`;
    return `<testcase ${attributes}>\n${body}</testcase>\n`;
  };
  const cases = [
    testcase("sound", ""),
    testcase(
      "a &lt;b&gt; &amp;lt; &quot;c&quot;",
      '<failure message="x">Error: 1 &lt; 2\n at b</failure>\n',
    ),
    testcase("left out", "<skipped/>"),
    `<testcase name="short" classname="${file}" time="0.1"/>`,
  ];
  assert.deepEqual(testCases(report(4, 1, cases.join(""))), [
    { name: "sound", file, seconds: 0.1, failure: null },
    { name: 'a <b> &lt; "c"', file, seconds: 0.1, failure: "Error: 1 < 2\n at b" },
    { name: "left out", file, seconds: 0.1, failure: "skipped" },
    { name: "short", file, seconds: 0.1, failure: null },
  ]);
  assert.deepEqual(testCases(""), []);
});
