import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesName } from "../../../../src/tools/inspect/name_pattern.ts";

Deno.test("matchesName: a pattern without wildcards is any part of the name", () => {
  assert.ok(matchesName("exec", "on_exec_exit"));
  assert.ok(matchesName("", "anything"));
  assert.ok(!matchesName("Exec", "on_exec_exit"));
  assert.ok(!matchesName(".", "on_exec"));
});

Deno.test("matchesName: a pattern with wildcards is the whole name", () => {
  const cases: [string, string, boolean][] = [
    ["on_*", "on_exec", true],
    ["on_*", "not_on_exec", false],
    ["*exec", "on_exec", true],
    ["*exec", "on_exec_exit", false],
    ["on_?xec", "on_exec", true],
    ["on_?xec", "on_xec", false],
    ["*", "", true],
    ["?", "", false],
    ["a*b*c", "a--b-b--c", true],
    ["a*b*c", "a--c--b", false],
    ["**a**", "bab", true],
    ["[a]*", "a", false],
  ];
  for (const [pattern, name, expected] of cases) {
    assert.equal(matchesName(pattern, name), expected, `${pattern} on ${name}`);
  }
});

Deno.test("matchesName: agrees with a regular expression on short names", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 6 });
  const names = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
  fc.assert(fc.property(letters, names, (pattern, name) => {
    if (!/[*?]/.test(pattern)) return matchesName(pattern, name) === name.includes(pattern);
    const source = pattern.replaceAll("*", ".*").replaceAll("?", ".");
    return matchesName(pattern, name) === new RegExp(`^${source}$`).test(name);
  }));
});

Deno.test("matchesName: many stars do not take forever", () => {
  const started = performance.now();
  assert.ok(!matchesName("a*".repeat(63) + "b", "a".repeat(4096)));
  assert.ok(performance.now() - started < 1000);
});
