import assert from "node:assert/strict";
import type { Outcome } from "../../../scripts/corpus/bpftool_load.ts";
import { differencesOf } from "../../../scripts/corpus/compare.ts";
import { kernelLists } from "../../../scripts/corpus/kernel_lists.ts";

const program = { id: 7, type: "xdp", name: "on_packet", tag: "00ff", gpl_compatible: true };
const counts = { id: 1, type: "hash", name: "counts", flags: 0, max_entries: 4, frozen: 0 };
const bss = { ...counts, id: 2, type: "array", name: "tool.bss", flags: 1024, btf_id: 9 };

function outcome(...shown: readonly object[]) {
  return { loaded: kernelLists(shown.map((one) => JSON.stringify(one))), refused: null };
}

const refusedByBpftool: Outcome<string> = { loaded: null, refused: "libbpf: no" };
const helpful = {
  category: "kernel",
  code: "object_load_failed",
  context: { hint: "do this", libbpf: ["no"] },
};

Deno.test("differencesOf: ids do not matter", () => {
  const theirs = outcome({ ...program, map_ids: [1] }, counts);
  const ours = outcome({ ...program, id: 17, map_ids: [11] }, { ...counts, id: 11 });
  assert.deepEqual(differencesOf(theirs, ours), { differences: [], mmapable: 0 });
});

Deno.test("differencesOf: every other field does", () => {
  const changes = [{ name: "other" }, { flags: 1 }, { max_entries: 5 }, { btf_id: 3 }];
  for (const change of changes) {
    const { differences } = differencesOf(outcome(counts), outcome({ ...counts, ...change }));
    assert.equal(differences.length, 2, JSON.stringify(change));
  }
  const [difference] = differencesOf(outcome(program, counts), outcome(program)).differences;
  assert.equal(difference, "1 maps and ours 0");
});

Deno.test("differencesOf: counts data maps that only bpftool's libbpf makes mmapable", () => {
  const narrower = { ...bss, flags: 0 };
  assert.deepEqual(differencesOf(outcome(bss), outcome(narrower)), {
    differences: [],
    mmapable: 1,
  });
  assert.equal(differencesOf(outcome(narrower), outcome(bss)).differences.length, 2);
  const hash = { ...counts, flags: 1024 };
  assert.equal(differencesOf(outcome(hash), outcome(counts)).differences.length, 2);
});

Deno.test("differencesOf: both have to refuse, and ours has to help", () => {
  const refused = (error: Record<string, unknown>) =>
    differencesOf(refusedByBpftool, { loaded: null, refused: error }).differences;
  assert.deepEqual(refused(helpful), []);
  assert.deepEqual(refused({ ...helpful, context: { libbpf: ["no"] } }), [
    "refusal without hint",
  ]);
  assert.equal(refused({ ...helpful, context: { hint: "do this" } }).length, 1);
  assert.equal(differencesOf(refusedByBpftool, outcome(program)).differences.length, 1);
  const alone = differencesOf(outcome(program), { loaded: null, refused: helpful });
  assert.deepEqual(alone.differences, ["bpftool loads it, we do not"]);
});
