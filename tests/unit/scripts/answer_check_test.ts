import assert from "node:assert/strict";
import { misreported } from "../../../scripts/corpus/answer_check.ts";

const shown = [
  { id: 7, type: "xdp", name: "a_name_of_many_", tag: "00ff" },
  { id: 8, type: "hash", name: "m", flags: 0, bytes_key: 4, bytes_value: 8, max_entries: 2 },
];
const program = { program_id: 7, type: "xdp", name: "a_name_of_many_letters", tag: "00ff" };
const map = { map_id: 8, type: "hash", name: "m", key_bytes: 4, value_bytes: 8, max_entries: 2 };
const answer = {
  programs: [program],
  programs_total: 1,
  maps: [{ ...map, flags: 0 }],
  maps_total: 1,
  truncated: false,
};

Deno.test("misreported: is silent about an answer that is so", () => {
  assert.deepEqual(misreported(answer, shown), []);
  assert.deepEqual(misreported({ ...answer, programs: [], truncated: true }, shown), []);
});

Deno.test("misreported: names each field that is otherwise", () => {
  const changed = { ...answer, programs: [{ ...program, tag: "0000" }] };
  assert.deepEqual(misreported(changed, shown), ["answer says tag 0000, bpftool 00ff"]);
  const renamed = { ...answer, maps: [{ ...map, flags: 1, name: "n" }] };
  assert.equal(misreported(renamed, shown).length, 2);
  const other = { ...answer, programs: [{ ...program, name: "b" }] };
  assert.equal(misreported(other, shown).length, 1);
});

Deno.test("misreported: misses what is left out and names what is not there", () => {
  assert.match(misreported({ ...answer, maps: [] }, shown)[0], /lists 0 of 1 maps, held are 1/);
  assert.match(misreported({ ...answer, maps_total: 2 }, shown)[0], /lists 1 of 2 maps/);
  const foreign = { ...answer, programs: [{ ...program, program_id: 9 }] };
  assert.match(misreported(foreign, shown)[0], /not held/);
});
