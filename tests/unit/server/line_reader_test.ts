import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Line, LineReader } from "../../../src/server/line_reader.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Copies a line, because its bytes are valid only until the next push. */
function keep(line: Line): string {
  if (line.kind === "line") return `line ${Array.from(line.bytes).join(",")}`;
  const { head, tail } = line.ends;
  return `overlong ${line.size} ${Array.from(head).join(",")} ${Array.from(tail).join(",")}`;
}

function readAll(limit: number, chunks: readonly Uint8Array[]): string[] {
  const reader = new LineReader(limit);
  const lines: string[] = [];
  for (const chunk of chunks) {
    const reused = chunk.slice();
    for (const line of reader.push(reused)) lines.push(keep(line));
    reused.fill(0xee); // as a reader does that fills the same buffer again
  }
  const rest = reader.end();
  if (rest !== null) lines.push(keep(rest));
  return lines;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length]
    .sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end));
}

Deno.test("LineReader gives the same lines however the bytes are cut into chunks", () => {
  const byte = fc.oneof(fc.constant(10), fc.constant(13), fc.integer({ min: 0, max: 255 }));
  const input = fc.array(byte, { maxLength: 200 }).map((bytes) => Uint8Array.from(bytes));
  fc.assert(fc.property(
    input,
    fc.array(fc.nat(), { maxLength: 20 }),
    fc.integer({ min: 1, max: 40 }),
    (bytes, places, limit) => {
      assert.deepEqual(readAll(limit, cut(bytes, places)), readAll(limit, [bytes]));
    },
  ));
});

Deno.test("LineReader cuts at LF, drops a CR before it and keeps empty lines", () => {
  const lines = readAll(100, [encoder.encode("a\r\n\nb\rc\nd")]);
  const expected = ["a", "", "b\rc", "d"].map((text) =>
    keep({ kind: "line", bytes: encoder.encode(text) })
  );
  assert.deepEqual(lines, expected);
});

Deno.test("LineReader accepts a line of exactly the limit and not one byte more", () => {
  const kinds = (size: number) => {
    const reader = new LineReader(5);
    return [...reader.push(encoder.encode("x".repeat(size) + "\n"))].map((line) => line.kind);
  };
  assert.deepEqual(kinds(5), ["line"]);
  assert.deepEqual(kinds(6), ["overlong"]);
});

Deno.test("LineReader discards a line of 100 MiB in bounded memory and keeps its ends", () => {
  const reader = new LineReader(12 * 1024 * 1024);
  const chunk = new Uint8Array(64 * 1024).fill(120);
  const before = Deno.memoryUsage().external;
  let most = 0;
  const lines: Line[] = [...reader.push(encoder.encode('{"id":1,'))];
  for (let i = 0; i < 1600; i++) {
    lines.push(...reader.push(chunk));
    most = Math.max(most, Deno.memoryUsage().external - before);
  }
  lines.push(...reader.push(encoder.encode(',"id":1}\nnext\n')));
  const [overlong, next] = lines;
  assert.equal(lines.length, 2);
  assert.equal(overlong?.kind, "overlong");
  if (overlong?.kind !== "overlong") return;
  assert.equal(overlong.size, 100 * 1024 * 1024 + 16);
  assert.match(decoder.decode(overlong.ends.head), /^\{"id":1,x{248}$/);
  assert.match(decoder.decode(overlong.ends.tail), /^x{248},"id":1\}$/);
  assert.equal(next?.kind === "line" && decoder.decode(next.bytes), "next");
  assert.ok(most < 40 * 1024 * 1024, `held ${most} bytes`);
});
