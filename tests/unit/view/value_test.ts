import assert from "node:assert/strict";
import { renderAnswer } from "../../../src/view/value.ts";

Deno.test("renderAnswer draws scalars as lines and lists of objects as tables", () => {
  const text = renderAnswer({
    object_id: "o1",
    programs: [{ program_id: 7, name: "first" }, { program_id: 12, name: "second" }],
    truncated: false,
    next_cursor: null,
    dropped: { ours: 0, kernel: null },
  });
  assert.equal(
    text,
    [
      "object_id: o1",
      "truncated: false",
      "next_cursor: -",
      "",
      "programs:",
      "PROGRAM_ID  NAME",
      "         7  first",
      "        12  second",
      "",
      "dropped:",
      "  ours: 0",
      "  kernel: -",
    ].join("\n"),
  );
});

Deno.test("renderAnswer keeps the lines of a log and escapes everything else", () => {
  const text = renderAnswer({
    "na\u001bme": "one\rline",
    verifier_log: "0: (b7) r0 = 0\n1: (95) \u001b[2Jexit\n",
    list: [1, "\u009b"],
    rows: [{ comm: "a\nb\u001b" }],
  });
  assert.doesNotMatch(text, /(?!\n)\p{Cc}/u);
  assert.match(text, /^na\\x1bme: one\\x0dline$/m);
  assert.match(text, /^0: \(b7\) r0 = 0\n1: \(95\) \\x1b\[2Jexit$/m);
  assert.match(text, /^a\\nb\\x1b$/m);
});

Deno.test("renderAnswer draws the histograms of a list below its table", () => {
  const buckets = [{ from: 1024, to: 2048, count: 3 }, { from: 2048, to: null, count: 6 }];
  const rows = [{ comm: "a\u001b", count: 9, slots: { unit: "ns", count: 9, buckets } }];
  assert.equal(
    renderAnswer({ rows }, 42),
    [
      "rows:",
      "COMM   COUNT",
      "a\\x1b      9",
      "",
      "slots of a\\x1b",
      `1.02 us – 2.05 us 3 ${"█".repeat(10)}▌`,
      `      2.05 us – ∞ 6 ${"█".repeat(21)}`,
    ].join("\n"),
  );
});

Deno.test("renderAnswer draws what is inside of objects too: sums with their histograms", () => {
  const rate = { interval_ms: 500, start_ns: 1, counts: [1, 0, 8], earlier: 0 };
  const hist_latency_ns = { scale: "log2", buckets: [[1024, 3], [4096, 6]] };
  const rows = [{ comm: "a\u001b", count: 9, rate, hist_latency_ns }];
  const aggregate = { by: ["comm"], rows, groups: 1, other: null };
  assert.equal(
    renderAnswer({ stream_id: "stream-1", aggregate, dropped: { ours: 0 } }, 42),
    [
      "stream_id: stream-1",
      "",
      "aggregate:",
      "  by: comm",
      "  groups: 1",
      "  other: -",
      "",
      "aggregate.rows:",
      "COMM   COUNT  RATE",
      "a\\x1b      9  ▂ █ 8 in 500 ms at most",
      "",
      "hist_latency_ns of a\\x1b",
      `1.02 us – 2.05 us 3 ${"█".repeat(10)}▌`,
      "2.05 us – 4.1 us  0".replace("2.05 us – 4.1 us ", " 2.05 us – 4.1 us"),
      ` 4.1 us – 8.19 us 6 ${"█".repeat(21)}`,
      "",
      "dropped:",
      "  ours: 0",
    ].join("\n"),
  );
});
