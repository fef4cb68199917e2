import assert from "node:assert/strict";
import { EBPFError } from "../../../../src/errors.ts";
import { makeToken, parseTokens, Tokens } from "../../../../src/server/http/tokens.ts";

Deno.test("Tokens knows each token's principal, and no other", async () => {
  const tokens = await Tokens.of(["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]);
  const first = await tokens.identify("Bearer aaaaaaaaaaaaaaaa");
  const second = await tokens.identify("bearer  bbbbbbbbbbbbbbbb");
  assert.match(first?.id ?? "", /^token:[0-9a-f]{12}$/);
  assert.notEqual(first?.id, second?.id);
  assert.ok(first !== null && tokens.has(first));
  const strangers = [
    null,
    "",
    "Bearer",
    "Bearer ",
    "Bearer aaaaaaaaaaaaaaa",
    "Bearer aaaaaaaaaaaaaaaaa",
    "Bearer aaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbb",
    "Basic aaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaa",
  ];
  for (const header of strangers) assert.equal(await tokens.identify(header), null, `${header}`);
  const others = await Tokens.of(["cccccccccccccccc"]);
  assert.equal(others.has(first), false);
});

Deno.test("parseTokens takes one per line and skips what is none", () => {
  assert.deepEqual(parseTokens("# mine\n aaaaaaaaaaaaaaaa \r\n\nbbbbbbbbbbbbbbbb==\n", "file"), [
    "aaaaaaaaaaaaaaaa",
    "bbbbbbbbbbbbbbbb==",
  ]);
});

Deno.test("parseTokens refuses what could be guessed, and never repeats it", () => {
  const bad = [
    "",
    "# none\n",
    "short",
    "has a space in the middle",
    "é".repeat(20),
    "x".repeat(600),
  ];
  for (const text of [...bad, "aaaaaaaaaaaaaaaa\n".repeat(65)]) {
    assert.throws(() => parseTokens(text, "the file"), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "invalid_configuration");
      assert.match(error.message, /^Cannot use the file: /);
      assert.ok(text.length < 5 || !error.message.includes(text));
      return true;
    });
  }
});

Deno.test("makeToken makes tokens of 256 bits that parseTokens takes", () => {
  const tokens = Array.from({ length: 100 }, () => makeToken());
  assert.equal(new Set(tokens).size, 100);
  for (const token of tokens) assert.deepEqual(parseTokens(token, "x"), [token]);
  assert.ok(tokens.every((token) => token.length === 43));
});
