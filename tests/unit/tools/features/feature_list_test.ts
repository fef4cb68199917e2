import assert from "node:assert/strict";
import type { Feature } from "../../../../src/kernel/features/feature.ts";
import { type FeatureFilter, FeatureList } from "../../../../src/tools/features/feature_list.ts";
import { notPermitted, verdictOf } from "../../../../src/tools/features/refusal_text.ts";

const EPERM = 1;
const EINVAL = 22;
const xdp: Feature = { name: "xdp", accepted: true, errno: null, why: "loads" };
const lsm: Feature = { name: "lsm", accepted: false, errno: EINVAL, why: "no such type" };
const ext: Feature = { name: "ext", accepted: null, errno: EPERM, why: "not permitted" };
const features = [xdp, lsm, ext];

const listOf = (filter: Partial<FeatureFilter>) =>
  new FeatureList("types", features, { limit: 100, byteBudget: 8192, ...filter }, [], {
    nameOf: ({ name }) => name,
    rowOf: ({ name }) => name,
  });
const list = (filter: Partial<FeatureFilter>) => listOf(filter).page();

Deno.test("FeatureList.page filters by pattern and by verdict", () => {
  assert.deepEqual(list({}).items, ["xdp", "lsm", "ext"]);
  assert.deepEqual(list({ pattern: "/^(xdp|ext)$/" }).items, ["xdp", "ext"]);
  assert.deepEqual(list({ accepted: true }).items, ["xdp"]);
  assert.deepEqual(list({ accepted: false }).items, ["lsm"]);
});

Deno.test("FeatureList.page says which names are near when none matches", () => {
  const { items, total, nearest } = list({ pattern: "xpd" });
  assert.deepEqual(items, []);
  assert.equal(total, 0);
  assert.ok(nearest?.includes("xdp"));
  assert.equal(list({ pattern: "xdp" }).nearest, undefined);
});

Deno.test("FeatureList.page goes on at a cursor, and only with the same filter", () => {
  const first = list({ limit: 2 });
  assert.equal(first.truncated, true);
  const rest = list({ limit: 2, cursor: first.next_cursor ?? "" });
  assert.deepEqual(rest.items, ["ext"]);
  assert.equal(rest.next_cursor, null);
  assert.throws(
    () => list({ limit: 2, accepted: true, cursor: first.next_cursor ?? "" }),
    { code: "invalid_cursor" },
  );
});

Deno.test("FeatureList.page gives cursors that the tools take, however long the pattern", () => {
  const cursor = list({ pattern: `/${"\\w*".repeat(84)}/`, limit: 1 }).next_cursor ?? "";
  assert.ok(cursor.length > 0 && cursor.length <= 512, `${cursor.length} characters`);
});

Deno.test("FeatureList.page refuses the cursor of another list of the same tool", () => {
  const shown = { nameOf: ({ name }: Feature) => name, rowOf: ({ name }: Feature) => name };
  const filter = { limit: 1, byteBudget: 8192 };
  const pageOf = (name: string, cursor?: string) =>
    new FeatureList(name, features, { ...filter, cursor }, [], shown).page();
  const { next_cursor } = pageOf("tool helpers for xdp");
  assert.throws(() => pageOf("tool helpers for lsm", next_cursor ?? ""), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, /^Cannot continue "tool" at the cursor: .*other arguments$/);
    return true;
  });
});

Deno.test("FeatureList.ahead makes the rows that the page will have, and no more", () => {
  assert.deepEqual([...listOf({ limit: 2 }).ahead()], ["xdp", "lsm"]);
  const { next_cursor } = list({ limit: 2 });
  assert.deepEqual([...listOf({ limit: 2, cursor: next_cursor ?? "" }).ahead()], ["ext"]);
  assert.deepEqual([...listOf({ byteBudget: 512 }).ahead()], ["xdp"], "the budget ends it");
});

Deno.test("verdictOf says why only of what is not taken", () => {
  assert.deepEqual(verdictOf(xdp), { accepted: true });
  assert.deepEqual(verdictOf(lsm), { accepted: false, errno_name: "EINVAL", why: "no such type" });
});

Deno.test("notPermitted counts what could not be tried, and names what would do", () => {
  assert.deepEqual(notPermitted("types", [xdp, lsm], () => ["CAP_BPF"]), []);
  assert.deepEqual(notPermitted("types", features, () => ["CAP_PERFMON", "CAP_BPF"]), [{
    what: "whether this kernel takes 1 of 3 types",
    why: "ext: not permitted",
    remedy: "run as root, or with CAP_BPF, CAP_PERFMON",
  }]);
});
