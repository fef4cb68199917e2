import assert from "node:assert/strict";
import { flameGraph } from "../../../../src/view/picture/flame_graph.ts";
import type { CountedStack, StackFrame } from "../../../../src/view/picture/flame_tree.ts";
import { foldedStacks } from "../../../../src/view/picture/folded.ts";

function user(...names: string[]): StackFrame[] {
  return names.map((name) => ({ name, kind: "user" }));
}

const stacks: CountedStack[] = [
  { frames: user("main", "work", "hot"), count: 70 },
  { frames: user("main", "work", "warm"), count: 20 },
  { frames: user("main", "idle"), count: 10 },
];

const text = { title: "profile of pid 1", of: "samples" };

interface Drawn {
  readonly name: string;
  readonly x: number;
  readonly width: number;
  readonly depth: number;
}

function drawn(svg: string): Drawn[] {
  const attributes =
    /data-name="([^"]*)" data-x="([^"]*)" data-width="([^"]*)" data-depth="(\d+)"/g;
  return [...svg.matchAll(attributes)].map(([, name = "", x, width, depth]) => {
    return { name, x: Number(x), width: Number(width), depth: Number(depth) };
  });
}

Deno.test("flameGraph draws each frame as wide as its share, above its caller", () => {
  const { svg, frames, omitted } = flameGraph(stacks, text);
  assert.deepEqual([frames, omitted], [6, 0]);
  const byName = new Map(drawn(svg).map((frame) => [frame.name, frame]));
  assert.deepEqual(byName.get("all"), { name: "all", x: 0, width: 1200, depth: 0 });
  assert.deepEqual(byName.get("work"), { name: "work", x: 120, width: 1080, depth: 2 });
  assert.deepEqual(byName.get("hot"), { name: "hot", x: 120, width: 840, depth: 3 });
  assert.deepEqual(byName.get("warm"), { name: "warm", x: 960, width: 240, depth: 3 });
});

Deno.test("flameGraph gives the same bytes for the same stacks in any order", () => {
  assert.equal(flameGraph(stacks, text).svg, flameGraph(stacks.toReversed(), text).svg);
});

Deno.test("flameGraph says how many frames are too narrow to draw", () => {
  const many = Array.from({ length: 10_000 }, (_, at) => ({ frames: user(`f${at}`), count: 1 }));
  const { svg, frames, omitted } = flameGraph(many, text);
  assert.deepEqual([frames, omitted], [1, 10_000]);
  assert.match(svg, /10000 frames too narrow to draw/);
});

Deno.test("flameGraph draws nothing but its title where there are no stacks", () => {
  const { svg, frames } = flameGraph([], text);
  assert.equal(frames, 0);
  assert.match(svg, /0 samples/);
});

Deno.test("flameGraph draws a stack of 100,000 frames", () => {
  const deep = { frames: user(...Array.from({ length: 100_000 }, (_, at) => `f${at}`)), count: 1 };
  assert.equal(flameGraph([deep], text).frames, 20_000);
});

const hostile = [
  "</title></g><script>alert(1)</script>",
  '" onload="alert(1)',
  "]]></script><script>alert(1)</script>",
  "&#60;img src=x onerror=alert(1)&#62;",
  "\u001b[31mred\u0000\u202e\ufffe\ud800",
];

for (const name of hostile) {
  Deno.test(`flameGraph shows ${JSON.stringify(name)} as text and nothing else`, () => {
    const { svg } = flameGraph([{ frames: user(name), count: 1 }], { ...text, title: name });
    assert.equal(svg.match(/<script/g)?.length, 1);
    assert.equal(svg.match(/<\/script/g)?.length, 1);
    assert.equal(svg.match(/\]\]>/g)?.length, 1);
    const unquoted = svg.replaceAll(/="[^"]*"/g, "");
    assert.doesNotMatch(unquoted, /<[^>]*\son[a-z]+/);
    assert.ok(svg.isWellFormed());
    assert.doesNotMatch(svg.replaceAll("\n", ""), /[\p{Cc}\u202e\ufffe]/u);
  });
}

Deno.test("foldedStacks gives one line per stack, the most frequent first", () => {
  const lines = foldedStacks([{ frames: user("a;b", "c\nd"), count: 1 }, ...stacks]);
  assert.equal(lines[0], "main;work;hot 70");
  assert.equal(lines[3], "a:b;c\\nd 1");
});
