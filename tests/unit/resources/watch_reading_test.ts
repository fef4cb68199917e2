import assert from "node:assert/strict";
import { resourceError } from "../../../src/errors.ts";
import { startLog } from "../../../src/log.ts";
import { WatchedReading } from "../../../src/resources/watch_reading.ts";

/** Gives, or throws, one after the other. */
function readings(...results: (string | Error)[]): () => string {
  return () => {
    const next = results.shift();
    if (typeof next === "string") return next;
    throw next ?? new Error("asked once too often");
  };
}

function changes(first: string, ...later: (string | Error)[]): boolean[] {
  const reading = new WatchedReading(readings(first, ...later));
  reading.begin();
  return later.map(() => reading.hasChanged());
}

const gone = resourceError("object_not_found", "Cannot read: it is gone");

Deno.test("WatchedReading.hasChanged tells of another text and of a refusal once", () => {
  assert.deepEqual(changes("a", "a", "b", "b", gone, gone, "b"), [
    false,
    true,
    false,
    true,
    false,
    true,
  ]);
});

Deno.test("WatchedReading.begin throws what the first reading throws", () => {
  assert.throws(() => new WatchedReading(readings(gone)).begin(), gone);
});

Deno.test("WatchedReading.hasChanged logs each fault of ours as a change", async () => {
  const lines: string[] = [];
  const decoder = new TextDecoder();
  const { flush } = startLog("info", {
    write: (bytes) => {
      lines.push(decoder.decode(bytes));
      return Promise.resolve(bytes.length);
    },
  });
  const fault = new TypeError("a fault of ours");
  assert.deepEqual(changes("a", fault, fault, "a", "a"), [true, true, true, false]);
  await flush();
  assert.equal(lines.length, 2);
  for (const line of lines) assert.match(line, /error resources: .*a fault of ours/);
});
