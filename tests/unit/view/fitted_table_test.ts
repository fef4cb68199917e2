import assert from "node:assert/strict";
import { fittedTable } from "../../../src/view/fitted_table.ts";
import type { Column } from "../../../src/view/text.ts";

type Row = Readonly<Record<string, string | number>>;

const columnsOf = (row: Row): Column<Row>[] =>
  Object.keys(row).map((name) => ({
    title: name.toUpperCase(),
    align: typeof row[name] === "number" ? "right" : "left",
    text: (one) => String(one[name]),
  }));

const draw = (rows: readonly Row[], width: number) =>
  fittedTable(rows, columnsOf(rows[0]), width).split("\n");

const long = "/a/path/of/many/folders/that/does/not/end/soon";

Deno.test("fittedTable leaves alone what fits", () => {
  assert.deepEqual(draw([{ a: "x", n: 1 }, { a: "x", n: 2 }], 20), ["A  N", "x  1", "x  2"]);
});

Deno.test("fittedTable says once what is the same in all rows, and cuts the widest texts", () => {
  const rows = [{ comm: "worker", path: long, n: 1 }, { comm: "worker", path: `${long}!`, n: 20 }];
  assert.deepEqual(
    draw(rows, 30),
    [
      "in all rows: comm worker",
      "PATH                         N",
      "/a/path/of/many/folders/t…   1",
      "/a/path/of/many/folders/t…  20",
    ],
  );
});

Deno.test("fittedTable writes rows as lines where cutting does not help", () => {
  const row = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`number_${i}`, 10 ** 6 + i]));
  const rows = [row, Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v + 1]))];
  const lines = draw(rows, 60);
  assert.equal(lines[0], "number_0 1000000  number_1 1000001  number_2 1000002");
  assert.equal(lines[1], "  number_3 1000003  number_4 1000004  number_5 1000005");
  assert.equal(lines.filter((line) => line.startsWith("number_0")).length, 2);
  for (const line of lines) assert.ok(line.length <= 60, line);
});

Deno.test("fittedTable keeps to its width, whatever is in the cells", () => {
  const rows = [1, 2, 3].map((n) => ({ a: long.repeat(n), b: "\u001b[2J".repeat(n), c: n, d: "" }));
  for (const width of [30, 40, 80, 200]) {
    for (const line of draw(rows, width)) assert.ok(line.length <= width, `${width}: ${line}`);
  }
});
