import assert from "node:assert/strict";
import fc from "fast-check";
import { Automaton } from "../../../../src/view/pattern/automaton.ts";
import { parseRegularExpression } from "../../../../src/view/pattern/regular_expression.ts";

/** Expressions that both engines take: JavaScript's backtracks, so names are short. */
const atoms = [
  "a",
  "b",
  "A",
  "_",
  ".",
  "\\w",
  "\\d",
  "\\s",
  "[ab]",
  "[^a]",
  "[a-c_]",
  "\\.",
  "",
  "^",
]
  .concat(["$", "\\W", "[^\\w-]", "\\x61", "\\u0062", "[\\]a]", "é", "[à-ü]"]);
const repeatable = atoms.filter((atom) => !["", "^", "$"].includes(atom));
const counts = ["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{1,}", "*?", "+?"];

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...atoms),
    fc.tuple(fc.constantFrom(...repeatable), fc.constantFrom(...counts)).map((parts) =>
      parts.join("")
    ),
    fc.tuple(tie("expression"), tie("expression")).map((parts) => parts.join("")),
    fc.tuple(tie("expression"), tie("expression")).map(([left, right]) => `(${left}|${right})`),
    fc.tuple(tie("expression"), fc.constantFrom(...counts)).map(([body, count]) =>
      `(?:${body})${count}`
    ),
  ),
}));
const names = fc.array(
  fc.string({ unit: fc.constantFrom("a", "b", "c", "A", "B", "_", "1", ".", " ", "\n", "é", "]") }),
  { minLength: 1, maxLength: 20 },
);

Deno.test("Automaton finds what JavaScript's regular expressions find", () => {
  let found = 0;
  let missed = 0;
  fc.assert(
    fc.property(expression, fc.boolean(), names, (source, folds, samples) => {
      const theirs = new RegExp(source, folds ? "i" : "");
      const ours = new Automaton(parseRegularExpression(source, folds ? "any case" : "exact"));
      for (const name of samples) {
        // Without the u flag JavaScript folds é too; only ASCII letters are folded here.
        if (folds && /[\u0080-\uffff]/.test(source + name)) continue;
        const expected = theirs.test(name);
        if (expected) found++;
        else missed++;
        assert.equal(ours.matches(name), expected, `/${source}/ on ${JSON.stringify(name)}`);
      }
    }),
    { numRuns: 3000, seed: 20261120 },
  );
  assert.ok(found > 5000 && missed > 4000, `${found} found, ${missed} missed`);
});

/** Each takes a backtracking engine years, or an automaton all its states. */
const hostile = ["(a+)+$", "(a|aa)+$", "(a|a?)+b", "(.*a){20}$", "(.*)*(.*)*(.*)*x", "a.{60}b$"]
  .concat(["[ab]*a[ab]{60}$", "(a?){300}a{300}", "(?:(?:.*a.{9}){9}){9}"]);

for (const source of hostile) {
  Deno.test(`Automaton takes linear time for ${source}`, () => {
    const automaton = new Automaton(parseRegularExpression(source, "exact"));
    const started = performance.now();
    let decided = 0;
    for (let i = 0; i < 20_000; i++) {
      const name = Array.from({ length: 40 }, (_, at) => (i * (at + 7)) % 3 === 0 ? "b" : "a");
      if (automaton.matches(name.join("")) === null) break;
      decided++;
    }
    assert.ok(decided > 0);
    // A second is ten times what it takes: a backtracking engine would not end at all.
    assert.ok(performance.now() - started < 5_000, `${performance.now() - started} ms`);
  });
}

Deno.test("Automaton gives up on an expression that makes ever new states", () => {
  const automaton = new Automaton(parseRegularExpression("(.*[ab].{70}){8}c$", "exact"));
  let seed = 1;
  const answers = Array.from({ length: 5_000 }, () => {
    const name = Array.from({ length: 200 }, () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % 16 < 8 ? "a" : "d";
    });
    return automaton.matches(name.join(""));
  });
  assert.equal(answers.at(-1), null);
});
