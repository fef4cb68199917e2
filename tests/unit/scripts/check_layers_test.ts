import assert from "node:assert/strict";
import { findCircles, pureFolders } from "../../../scripts/check_layers.ts";

Deno.test("findCircles finds nothing in a graph that only meets again", () => {
  const graph = new Map([["a", ["b", "c"]], ["b", ["d"]], ["c", ["d"]], ["d", []]]);
  assert.deepEqual(findCircles(graph), []);
});

Deno.test("findCircles names the files along a circle, wherever the walk starts", () => {
  const graph = new Map([["start", ["a"]], ["a", ["b"]], ["b", ["c"]], ["c", ["a"]]]);
  assert.deepEqual(findCircles(graph), [["a", "b", "c", "a"]]);
});

Deno.test("findCircles finds a file that imports itself", () => {
  assert.deepEqual(findCircles(new Map([["a", ["a"]]])), [["a", "a"]]);
});

Deno.test("pureFolders shows a circle between folders that no two files form", () => {
  const graph = new Map([
    ["src/btf/a.ts", ["src/elf/a.ts", "src/btf/b.ts", "src/errors.ts"]],
    ["src/elf/b.ts", ["src/btf/b.ts"]],
    ["src/kernel/a.ts", ["src/btf/a.ts"]],
  ]);
  assert.deepEqual(findCircles(graph), []);
  assert.deepEqual(findCircles(pureFolders(graph)), [["src/btf", "src/elf", "src/btf"]]);
});
