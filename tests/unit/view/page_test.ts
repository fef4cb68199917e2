import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  decodeCursor,
  encodeCursor,
  jsonBytes,
  listOf,
  page,
  pageByKey,
  pageOf,
  type PageRequest,
} from "../../../src/view/page.ts";

interface Item {
  readonly id: number;
  readonly text: string;
}

const items = fc.uniqueArray(fc.record({ id: fc.nat(1000), text: fc.string({ maxLength: 30 }) }), {
  selector: (item) => item.id,
  maxLength: 40,
}).map((list) => list.sort((a, b) => a.id - b.id));

const size = fc.record({
  limit: fc.integer({ min: 1, max: 10 }),
  byteBudget: fc.integer({ min: 1, max: 300 }),
});

type Pager = (list: readonly Item[], request: PageRequest) => ReturnType<typeof page<Item>>;

const pagers: Readonly<Record<string, Pager>> = {
  page: (list, request) => page("test", list, request),
  pageByKey: (list, request) => pageByKey("test", list, (item) => item.id, request),
};

for (const [name, pager] of Object.entries(pagers)) {
  Deno.test(`${name} gives every item once, in order, within limit and budget`, () => {
    fc.assert(fc.property(items, size, (list, request) => {
      const seen: Item[] = [];
      let cursor: string | undefined;
      for (let pages = 0; pages <= list.length; pages++) {
        const part = pager(list, { ...request, ...(cursor === undefined ? {} : { cursor }) });
        const bytes = part.items.reduce((sum, item) => sum + jsonBytes(item), 0);
        assert.ok(part.items.length <= request.limit);
        assert.ok(bytes <= request.byteBudget || part.items.length === 1);
        assert.equal(part.total, list.length);
        assert.equal(part.truncated, part.next_cursor !== null);
        seen.push(...part.items);
        if (part.next_cursor === null) break;
        cursor = part.next_cursor;
      }
      assert.deepEqual(seen, list);
    }));
  });
}

Deno.test("pageByKey skips and repeats nothing that stays while other items come and go", () => {
  const list = [1, 3, 5, 7, 9].map((id) => ({ id, text: "" }));
  const first = pageByKey("x", list, (item) => item.id, { limit: 2, byteBudget: 1000 });
  const changed = [2, 4, 5, 7, 9].map((id) => ({ id, text: "" }));
  const rest = pageByKey("x", changed, (item) => item.id, {
    limit: 10,
    byteBudget: 1000,
    ...(first.next_cursor === null ? {} : { cursor: first.next_cursor }),
  });
  assert.deepEqual(rest.items.map((item) => item.id), [4, 5, 7, 9]);
});

Deno.test("page counts UTF-8 bytes, not characters", () => {
  const list = ["éééé", "éééé"]; // 8 bytes each, 2 quotes and a comma
  assert.equal(page("x", list, { limit: 9, byteBudget: 22 }).items.length, 2);
  assert.equal(page("x", list, { limit: 9, byteBudget: 21 }).items.length, 1);
});

Deno.test("decodeCursor gives back what encodeCursor was given", () => {
  fc.assert(fc.property(
    fc.string({ maxLength: 100 }),
    fc.oneof(fc.maxSafeNat(), fc.string({ maxLength: 50 })),
    (list, position) => {
      const cursor = encodeCursor(list, position);
      assert.match(cursor, /^[A-Za-z0-9_-]+$/);
      if (cursor.length <= 512) assert.equal(decodeCursor(list, cursor), position);
    },
  ));
});

Deno.test("decodeCursor refuses whatever encodeCursor did not make", () => {
  const cursors = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.json().map((json) => btoa(encodeURIComponent(json))),
    fc.constantFrom(
      "",
      "AAAA",
      encodeCursor("other", 1),
      encodeCursor("test", -1),
      "x".repeat(9999),
    ),
  );
  fc.assert(fc.property(cursors, (cursor) => {
    assert.throws(() => decodeCursor("test", cursor), { code: "invalid_cursor" });
  }));
});

const otherArguments: readonly unknown[] = [
  {},
  { pattern: "a" },
  { pattern: "a", module: "b" },
  { pattern: null },
  ["a", "b"],
  ["a b"],
  { pattern: `${"é".repeat(300)}a` },
  { pattern: `${"é".repeat(300)}b` },
];

Deno.test("listOf names lists apart by their arguments, however long, in few characters", () => {
  const lists = otherArguments.map((given) => listOf("list_kernel_functions", given));
  assert.equal(new Set(lists).size, otherArguments.length);
  for (const list of lists) assert.ok(encodeCursor(list, 1e9).length < 100, list);
});

Deno.test("decodeCursor names the tool and not its arguments", () => {
  const refusal = (list: string, cursor: string) => {
    try {
      return decodeCursor(list, cursor);
    } catch (error) {
      return error instanceof Error ? error.message : error;
    }
  };
  const list = listOf("inspect_hooks", { kind: "xdp" });
  const others = listOf("inspect_hooks", { kind: "tc" });
  assert.equal(
    refusal(list, encodeCursor(others, 1)),
    'Cannot continue "inspect_hooks" at the cursor: it was given for other arguments',
  );
  assert.equal(
    refusal(list, encodeCursor(listOf("list_tracepoints", {}), 1)),
    'Cannot continue "inspect_hooks" at the cursor: it belongs to "list_tracepoints"',
  );
});

Deno.test("pageOf makes no more items than it needs to see that the page is full", () => {
  const made: number[] = [];
  const entries = Array.from({ length: 1000 }, (_, i) => i);
  const make = (entry: number) => {
    made.push(entry);
    return { entry };
  };
  const first = pageOf("numbers", entries, { limit: 10, byteBudget: 8192 }, make);
  assert.deepEqual(made, entries.slice(0, 10));
  assert.deepEqual([first.total, first.truncated], [1000, true]);
  const cursor = first.next_cursor ?? assert.fail("no cursor");
  const second = pageOf("numbers", entries, { limit: 1000, byteBudget: 100, cursor }, make);
  assert.equal(second.items[0]?.entry, 10);
  assert.equal(made.length, 10 + second.items.length + 1);
});
