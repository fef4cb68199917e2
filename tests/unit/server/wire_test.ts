import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Incoming, readLine } from "../../../src/server/wire.ts";

const encoder = new TextEncoder();

function read(text: string): Incoming {
  return readLine({ kind: "line", bytes: encoder.encode(text) });
}

function overlong(head: string, tail: string): Incoming {
  const ends = { head: encoder.encode(head), tail: encoder.encode(tail) };
  return readLine({ kind: "overlong", size: 99_999_999, ends });
}

const refused: readonly [text: string, code: number, id: string | number | null][] = [
  ["hello", -32700, null],
  ['{"jsonrpc":"2.0","id":1,"method":"ping"', -32700, null],
  ["[", -32700, null],
  ["1", -32600, null],
  ["null", -32600, null],
  ['"text"', -32600, null],
  ["[]", -32600, null],
  ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600, null],
  ["{}", -32600, null],
  ['{"id":5,"method":"ping"}', -32600, 5],
  ['{"jsonrpc":"1.0","id":5,"method":"ping"}', -32600, 5],
  ['{"jsonrpc":"2.0","id":5}', -32600, 5],
  ['{"jsonrpc":"2.0","id":"a","method":7}', -32600, "a"],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, null],
  ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, null],
  ['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, null],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","params":3}', -32600, 1],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","params":null}', -32600, 1],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', -32602, 1],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":4}}', -32602, 1],
  ['{"jsonrpc":"2.0","id":1,"method":"initialize"}', -32602, 1],
  ['{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}', -32602, 1],
];

for (const [text, code, id] of refused) {
  Deno.test(`readLine refuses ${text} with ${code} and id ${JSON.stringify(id)}`, () => {
    const incoming = read(text);
    assert.equal(incoming.kind, "refusal");
    if (incoming.kind !== "refusal") return;
    assert.equal(incoming.refusal.error.code, code);
    assert.equal(incoming.refusal.id, id);
  });
}

Deno.test("readLine refuses bytes that are not UTF-8 with -32700", () => {
  const incoming = readLine({ kind: "line", bytes: Uint8Array.of(0x22, 0xff, 0x22) });
  assert.equal(incoming.kind === "refusal" && incoming.refusal.error.code, -32700);
});

Deno.test("readLine ignores blank lines and senseless notifications and responses", () => {
  const ignored = [
    "",
    "  \t ",
    '{"jsonrpc":"2.0","method":"x","params":3}',
    '{"jsonrpc":"2.0","id":1,"error":3}',
  ];
  for (const text of ignored) assert.equal(read(text).kind, "nothing", text);
});

Deno.test("readLine drops members that the protocol does not name", () => {
  const incoming = read('{"jsonrpc":"2.0","id":1,"method":"ping","extra":true}');
  assert.deepEqual(incoming.kind === "message" && incoming.message, {
    jsonrpc: "2.0",
    id: 1,
    method: "ping",
  });
});

Deno.test("readLine recovers the id of a line too long from its head or its tail", () => {
  const rows: [head: string, tail: string, id: string | number | null][] = [
    ['{"jsonrpc":"2.0","id":7,"method":"x"', "yyy", 7],
    ['{"id":"a","method":"x"', "yyy", "a"],
    ['{"method":"x","params":{', '},"jsonrpc":"2.0","id":8}', 8],
    ['{"method":"x","params":{', '},"id":9,"jsonrpc":"2.0"}  ', 9],
    ['{"method":"x","params":{"id":3,', '"x"}}', null],
    ['{"method":"x","params":{', '"id":3}}', null],
    ["[[[[", "]]]]", null],
    ['"id":1,', '"id":2', null],
  ];
  for (const [head, tail, id] of rows) {
    const incoming = overlong(head, tail);
    assert.equal(incoming.kind, "refusal");
    if (incoming.kind !== "refusal") continue;
    assert.equal(incoming.refusal.error.code, -32600);
    assert.equal(incoming.refusal.id, id, `${head} … ${tail}`);
  }
});

Deno.test("readLine answers any JSON value without throwing", () => {
  fc.assert(fc.property(fc.json({ maxDepth: 4 }), (text) => {
    assert.ok(["message", "refusal", "nothing"].includes(read(text).kind));
  }));
});

Deno.test("readLine answers any message-like object without throwing", () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom("2.0", "ping", "initialize", 1, {}));
  const names = fc.constantFrom(
    "jsonrpc",
    "id",
    "method",
    "params",
    "result",
    "error",
    "__proto__",
  );
  fc.assert(fc.property(fc.dictionary(names, value), (message) => {
    assert.ok(["message", "refusal", "nothing"].includes(read(JSON.stringify(message)).kind));
  }));
});

Deno.test("readLine survives JSON that is nested 100,000 deep", () => {
  const deep = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":` +
    `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}}`;
  assert.equal(read(deep).kind, "message");
});
