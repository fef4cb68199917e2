import assert from "node:assert/strict";
import { EBPFError } from "../../../../src/errors.ts";
import { type FoundHook, sortKey } from "../../../../src/tools/hooks/found_hook.ts";
import { pageByText } from "../../../../src/tools/hooks/page_by_text.ts";
import { encodeCursor } from "../../../../src/view/page.ts";

const list = "inspect_hooks xdp";
const entries = (...keys: string[]) => keys.map((key) => ({ key }));
const request = { limit: 2, byteBudget: 10_000 };
const keyOf = ({ key }: { key: string }) => key;

Deno.test("pageByText goes on behind what was given, though entries come and go", () => {
  const first = pageByText(list, entries("a", "b", "c", "d"), request, keyOf);
  assert.deepEqual([first.items, first.total, first.truncated], [["a", "b"], 4, true]);
  const cursor = first.next_cursor ?? "";
  const changed = entries("a2", "c", "d");
  const second = pageByText(list, changed, { ...request, cursor }, keyOf);
  assert.deepEqual([second.items, second.total, second.next_cursor], [["c", "d"], 3, null]);
});

Deno.test("pageByText ends with an empty page when nothing is left", () => {
  const cursor = encodeCursor(list, "z");
  const { items, truncated } = pageByText(list, entries("a"), { ...request, cursor }, keyOf);
  assert.deepEqual([items, truncated], [[], false]);
});

Deno.test("pageByText refuses a cursor of another list and one that is a number", () => {
  for (const cursor of [encodeCursor("inspect_hooks tc", "a"), encodeCursor(list, 3), "?"]) {
    assert.throws(
      () => pageByText(list, entries("a"), { ...request, cursor }, keyOf),
      (error) => error instanceof EBPFError && error.code === "invalid_cursor",
    );
  }
});

Deno.test("sortKey sorts by kind, then by number", () => {
  const hook = (kind: FoundHook["kind"], ...key: (number | bigint)[]): FoundHook => {
    return { kind, key, place: "", fields: {}, names: [], programId: null, linkId: null };
  };
  const sorted = [
    hook("xdp", 0, 9, 1),
    hook("xdp", 0, 10, 0),
    hook("xdp", 4026531840, 2, 0),
    hook("cgroup", 2n ** 63n, 5),
    hook("kprobe", 3),
    hook("other", 1),
  ].map(sortKey);
  assert.deepEqual(sorted.toSorted(), sorted);
  assert.equal(new Set(sorted).size, sorted.length);
});
