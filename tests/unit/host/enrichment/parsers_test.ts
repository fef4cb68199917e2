import assert from "node:assert/strict";
import { BoundedMap } from "../../../../src/host/enrichment/bounded_map.ts";
import {
  parseArguments,
  parseStat,
  parseUid,
} from "../../../../src/host/enrichment/process_stat.ts";
import {
  parseDocker,
  parseRuntimeSpec,
  parseStorage,
} from "../../../../src/host/enrichment/runtime_state.ts";
import { parseServices, parseUsers } from "../../../../src/host/enrichment/text_table.ts";

const tail = "4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 10 20";

Deno.test("parseStat: finds parent and start behind a name of any characters", () => {
  for (const name of ["sh", "a b", "x) S 9 (", ")))", "", "new\nline"]) {
    const text = `12 (${name}) S 7 12 12 0 -1 ${tail}`;
    assert.deepEqual(parseStat(text), { comm: name, ppid: 7, startTicks: 987654n });
  }
  for (const text of ["", "12 (sh) S", "no such file", "12 (sh) S x y"]) {
    assert.equal(parseStat(text), null, text);
  }
});

Deno.test("parseUid: takes the real user of four", () => {
  assert.equal(parseUid("Name:\tUid:\nUid:\t1000\t0\t0\t0\n"), 1000);
  assert.equal(parseUid(""), null);
});

Deno.test("parseArguments: splits at each NUL, empty arguments too", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assert.deepEqual(parseArguments(bytes("a\0\0b c\0")), ["a", "", "b c"]);
  assert.deepEqual(parseArguments(bytes("cut")), ["cut"]);
  assert.deepEqual(parseArguments(bytes("")), []);
});

Deno.test("parseUsers: takes the first name of an id and leaves out what is none", () => {
  const users = parseUsers("root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:\n#a:x:5:\n\nbad\nwww:x:33:33:w");
  assert.deepEqual([...users], [[0, "root"], [33, "www"]]);
});

Deno.test("parseServices: takes names by port and protocol", () => {
  const text = "# comment\nhttp\t80/tcp www # web\nhttp-alt 80/tcp\ndomain 53/udp\nx\n";
  assert.deepEqual([...parseServices(text)], [["80/tcp", "http"], ["53/udp", "domain"]]);
});

Deno.test("parsers of runtimes answer null or nothing for what is not theirs", () => {
  for (const text of ["", "{", "null", "[]", '"x"', "{}", '{"Config": 7}', '{"annotations": 1}']) {
    assert.equal(parseDocker(text), null, text);
    assert.equal(parseRuntimeSpec(text), null, text);
    assert.equal(parseStorage(text).size, 0, text);
  }
  assert.equal(parseStorage('[{"id": "a", "metadata": "{"}]').size, 0);
});

Deno.test("parsers of runtimes make names safe and short", () => {
  const hostile = `/\u001b[31m${"x".repeat(1000)}`;
  const found = parseDocker(JSON.stringify({ Name: hostile, Config: { Image: "a\nb" } }));
  assert.equal(found?.image, "a\\nb");
  assert.ok(found?.name?.startsWith("\\x1b[31mxxx"));
  assert.ok((found?.name?.length ?? 0) < 300);
});

Deno.test("BoundedMap: forgets what was longest not used", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  assert.equal(map.get("a"), 1);
  map.set("c", 3);
  assert.deepEqual([map.get("a"), map.get("b"), map.get("c"), map.size], [1, undefined, 3, 2]);
  map.delete("a");
  assert.equal(map.size, 1);
});
