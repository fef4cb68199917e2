import assert from "node:assert/strict";
import * as fc from "fast-check";
import { toJson } from "../../../src/view/json.ts";
import {
  progressLine,
  table,
  terminalSafeJson,
  visible,
  visibleLine,
} from "../../../src/view/text.ts";

const obeyed = /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

/** Text with more of what matters here than chance would give. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\u001b", "\u009b", "\u007f", "\r", "\n", "\t", "\0", "\u202e", "\u2066", "\\"),
    fc.string({ minLength: 1, maxLength: 1, unit: "grapheme" }),
  ),
});

const shown: readonly [text: string, visible: string][] = [
  ["plain text, é and 字", "plain text, é and 字"],
  ["\u001b[31mred", "\\x1b[31mred"],
  ["a\rb", "a\\x0db"],
  ["\u009b2J", "\\x9b2J"],
  ["a\u202eb", "a\\u{202e}b"],
  ["tab\tand\nnewline", "tab\tand\nnewline"],
];

for (const [text, wanted] of shown) {
  Deno.test(`visible shows ${JSON.stringify(text)} as ${JSON.stringify(wanted)}`, () => {
    assert.equal(visible(text), wanted);
  });
}

Deno.test("visible and visibleLine leave nothing that a terminal would obey", () => {
  fc.assert(fc.property(hostile, (text) => {
    assert.doesNotMatch(visible(text), obeyed);
    assert.doesNotMatch(visibleLine(text), /[\t\n]/);
    assert.doesNotMatch(progressLine(text, 1, 2), obeyed);
  }));
});

Deno.test("terminalSafeJson means the same and leaves nothing that a terminal would obey", () => {
  fc.assert(fc.property(fc.dictionary(hostile, hostile), (value) => {
    const json = terminalSafeJson(JSON.stringify(value));
    assert.doesNotMatch(json, obeyed);
    assert.equal(JSON.stringify(JSON.parse(json)), JSON.stringify(value));
  }));
});

Deno.test("table aligns its columns and keeps each row on one line", () => {
  const rows = [{ name: "a\nb", size: 5 }, { name: "longer", size: 1234 }];
  const text = table(rows, [
    { title: "NAME", text: (row) => row.name },
    { title: "SIZE", align: "right", text: (row) => String(row.size) },
  ]);
  assert.equal(text, "NAME    SIZE\na\\nb       5\nlonger  1234");
});

Deno.test("table cuts a cell of over 60 characters", () => {
  const text = table([{ name: "x".repeat(100) }], [{ title: "N", text: (row) => row.name }]);
  assert.equal(text.split("\n")[1], `${"x".repeat(59)}…`);
});

Deno.test("progressLine counts where it can", () => {
  assert.equal(progressLine("reading"), "reading");
  assert.equal(progressLine("reading", 3), "3 reading");
  assert.equal(progressLine("reading", 3, 9), "3/9 reading");
});

Deno.test("toJson writes 64-bit integers as numbers while exact, else as decimal strings", () => {
  const value = { small: 1n, exact: 2n ** 53n - 1n, beyond: 2n ** 53n, negative: -(2n ** 63n) };
  assert.equal(
    toJson(value),
    '{"small":1,"exact":9007199254740991,"beyond":"9007199254740992",' +
      '"negative":"-9223372036854775808"}',
  );
});
