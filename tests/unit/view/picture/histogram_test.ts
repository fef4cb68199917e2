import assert from "node:assert/strict";
import { heatMap, MOST_COLUMNS } from "../../../../src/view/picture/heat_map.ts";
import { histogramSvg, histogramText } from "../../../../src/view/picture/histogram.ts";
import { numberText, type Unit } from "../../../../src/view/picture/number_text.ts";

const buckets = [
  { from: 1024, to: 2048, count: 1 },
  { from: 2048, to: 4096, count: 80 },
  { from: 4096, to: 8192, count: 40 },
];

Deno.test("histogramText draws a line per bucket, the fullest the widest", () => {
  assert.deepEqual(histogramText(buckets, "ns", 60).split("\n"), [
    "1.02 us – 2.05 us  1 ▍",
    ` 2.05 us – 4.1 us 80 ${"█".repeat(38)}`,
    ` 4.1 us – 8.19 us 40 ${"█".repeat(19)}`,
  ]);
});

for (const columns of [40, 80, 200]) {
  Deno.test(`histogramText keeps to ${columns} columns`, () => {
    const lines = histogramText(buckets, "ns", columns).split("\n");
    assert.ok(lines.every((line) => [...line].length <= columns));
  });
}

Deno.test("histogramText shows a count of one beside a million", () => {
  const [small] = histogramText([{ from: 0, to: 1, count: 1 }, { from: 1, to: 2, count: 1e6 }])
    .split("\n");
  assert.match(small ?? "", /▏$/);
});

Deno.test("histogramText of nothing is nothing", () => {
  assert.equal(histogramText([]), "");
});

Deno.test("histogramSvg draws a bar per bucket and keeps its title a text", () => {
  const svg = histogramSvg(buckets, { title: "<script>", unit: "ns" });
  assert.equal(svg.match(/class="bar"/g)?.length, 3);
  assert.doesNotMatch(svg, /<script>/);
});

Deno.test("heatMap draws a cell per bucket that holds something", () => {
  const empty = { from: 8192, to: 16384, count: 0 };
  const columns = [{ startMs: 0, buckets }, { startMs: 1000, buckets: [empty] }];
  const svg = heatMap(columns, { title: "latency", unit: "ns" });
  assert.equal(svg.match(/class="cell"/g)?.length, 3);
  assert.match(svg, /2\.05 us – 4\.1 us at 0 ns: 80/);
});

Deno.test("heatMap has a row for each range, those between that are empty too", () => {
  const far = { from: 16384, to: 32768, count: 2 };
  const svg = heatMap([{ startMs: 0, buckets: [...buckets, far] }], { title: "x", unit: "ns" });
  assert.match(svg, />8\.19 us – 16\.4 us</);
  assert.equal(svg.match(/text-anchor="end">[^<]+–/g)?.length, 5);
  const steps = [{ from: 0, to: 10, count: 1 }, { from: 10, to: 20, count: 1 }];
  const linear = heatMap([{ startMs: 0, buckets: steps }], { title: "x" });
  assert.equal(linear.match(/text-anchor="end">[^<]+–/g)?.length, 2);
});

Deno.test("heatMap draws the newest columns where there are too many", () => {
  const columns = Array.from({ length: MOST_COLUMNS + 5 }, (_, at) => ({ startMs: at, buckets }));
  const svg = heatMap(columns, { title: "latency" });
  assert.equal(svg.match(/class="cell"/g)?.length, 3 * MOST_COLUMNS);
});

const numbers: [number, Unit, string][] = [
  [0, "ns", "0 ns"],
  [999, "ns", "999 ns"],
  [1500, "ns", "1.5 us"],
  [2_000_000, "us", "2 s"],
  [4096, "bytes", "4 KiB"],
  [1_234_567, "count", "1.23M"],
  [42, "count", "42"],
  [33.333, "percent", "33.3%"],
  [7, "pages", "7 pages"],
  [NaN, "count", "-"],
];

for (const [value, unit, text] of numbers) {
  Deno.test(`numberText writes ${value} ${unit} as "${text}"`, () => {
    assert.equal(numberText(value, unit), text);
  });
}
