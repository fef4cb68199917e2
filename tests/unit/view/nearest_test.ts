import assert from "node:assert/strict";
import fc from "fast-check";
import { editDistance, nearest } from "../../../src/view/nearest.ts";

const helpers = [
  "bpf_map_lookup_elem",
  "bpf_map_update_elem",
  "bpf_map_lookup_percpu_elem",
  "bpf_probe_read",
  "bpf_probe_read_kernel",
  "bpf_probe_read_user",
  "bpf_get_current_comm",
];

const table: readonly [name: string, count: number, wanted: string[]][] = [
  ["bpf_map_lokup_elem", 1, ["bpf_map_lookup_elem"]],
  ["bpf_map_lookup_elme", 1, ["bpf_map_lookup_elem"]],
  ["BPF_MAP_LOOKUP_ELEM", 1, ["bpf_map_lookup_elem"]],
  ["probe_read", 3, ["bpf_probe_read", "bpf_probe_read_user", "bpf_probe_read_kernel"]],
  ["bpf_probe_read_kernel_str", 2, ["bpf_probe_read_kernel", "bpf_probe_read"]],
  ["current_comm", 5, ["bpf_get_current_comm"]],
  ["zzz", 5, []],
  ["", 5, []],
  ["bpf_probe_read", 0, []],
];

for (const [name, count, wanted] of table) {
  Deno.test(`nearest finds ${wanted.length} of at most ${count} for "${name}"`, () => {
    assert.deepEqual(nearest(name, helpers, count), wanted);
  });
}

Deno.test("nearest names a candidate once that is given twice", () => {
  assert.deepEqual(nearest("runn", ["run", "run"], 5), ["run"]);
});

Deno.test("nearest stops at its limit of candidates", () => {
  let taken = 0;
  function* endless(): Generator<string> {
    while (true) yield `candidate_${taken++}`;
  }
  assert.equal(nearest("candidate", endless(), 2).length, 2);
  assert.ok(taken <= 200_001);
});

const distances: readonly [from: string, to: string, most: number, wanted: number | null][] = [
  ["", "", 0, 0],
  ["", "abc", 3, 3],
  ["kitten", "sitting", 3, 3],
  ["kitten", "sitting", 2, null],
  ["ab", "ba", 1, 1],
  ["abcd", "abdc", 1, 1],
  ["abc", "abc", 0, 0],
];

for (const [from, to, most, wanted] of distances) {
  Deno.test(`editDistance of "${from}" and "${to}" within ${most} is ${wanted}`, () => {
    assert.equal(editDistance(from, to, most), wanted);
  });
}

Deno.test("editDistance is the same both ways, and its limit only hides what is beyond", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 9 });
  fc.assert(fc.property(word, word, fc.nat(9), (from, to, most) => {
    const full = editDistance(from, to, 100) ?? -1;
    assert.equal(editDistance(to, from, 100), full);
    assert.equal(editDistance(from, to, most), full <= most ? full : null);
    assert.ok(full >= Math.abs(from.length - to.length));
    assert.ok(full <= Math.max(from.length, to.length));
  }));
});
