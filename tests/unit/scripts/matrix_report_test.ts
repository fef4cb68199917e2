import assert from "node:assert/strict";
import { readTests, splitReport, table } from "../../../scripts/matrix/report.ts";

const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="3" failures="1" errors="0" time="1.5">
    <testsuite name="./a.js" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="holds &quot;it&quot; &amp; more" classname="./a.js" time="1.250" line="1">
        </testcase>
        <testcase name="fails" classname="./a.js" time="0.250" line="2">
            <failure message="Uncaught">no</failure>
        </testcase>
        <testcase name="skipped" classname="./a.js" time="0.000" line="3"><skipped/></testcase>
    </testsuite>
</testsuites>
`;

Deno.test("splitReport takes a serial line's text apart, whatever ends its lines", () => {
  const text = `noise\r\n=== a 1\r\n${xml}=== end\r\n=== b 0\n<x/>\n=== end\n=== cut 0\n<y`;
  assert.deepEqual(splitReport(text), [
    { file: "a", code: 1, xml },
    { file: "b", code: 0, xml: "<x/>\n" },
  ]);
});

Deno.test("readTests counts a skip as a failure", () => {
  const { tests, problem } = readTests({ file: "a", code: 1, xml });
  assert.deepEqual(tests, [
    { file: "a", name: 'holds "it" & more', seconds: 1.25, failure: null },
    { file: "a", name: "fails", seconds: 0.25, failure: "no" },
    { file: "a", name: "skipped", seconds: 0, failure: "skipped" },
  ]);
  assert.equal(problem, undefined);
});

Deno.test("readTests tells of a run that failed although no test did", () => {
  const passed = xml.replace('failures="1" errors', 'failures="0" errors').replace(
    /<failure.*failure>|<skipped\/>/g,
    "",
  );
  assert.equal(readTests({ file: "a", code: 1, xml: passed }).problem, "a ended with exit code 1");
  assert.equal(readTests({ file: "a", code: 0, xml: passed }).problem, undefined);
  assert.match(readTests({ file: "a", code: 1, xml: "" }).problem ?? "", /exit code 1/);
});

Deno.test("table has a row for each test, and says what did not run", () => {
  const { tests } = readTests({ file: "a", code: 1, xml });
  const other = { kernel: "6.1", release: "6.1.0", seconds: 8.6, tests: [], problems: [] };
  const lines = table([{ ...other, kernel: "5.10", tests }, other]);
  assert.deepEqual(lines.map((line) => line.trim().split(/\s{2,}/)), [
    ["test", "5.10", "6.1"],
    ['holds "it" & more', "1.3", "not run"],
    ["fails", "FAILED", "not run"],
    ["skipped", "FAILED", "not run"],
    ["boot and tests", "9 s", "9 s"],
  ]);
});
