import assert from "node:assert/strict";
import {
  parseClass,
  parseFilter,
  parseQdisc,
} from "../../../../src/host/netlink/traffic_control.ts";
import { attribute, joined, text, trafficHeader, word } from "../../../support/netlink_builder.ts";

const priority = 49152;
const header = trafficHeader(3, 0x1, priority * 0x10000 + 0x0300);
const filter = (kind: string, ...options: Uint8Array[]) =>
  joined(header, attribute(1, text(kind)), attribute(2, joined(...options)));
const bpfAction = (id: number, label: string) =>
  joined(
    attribute(1, text("bpf")),
    attribute(2, joined(attribute(6, text(label)), attribute(9, word(id)))),
  );

Deno.test("parseQdisc reads interface, handle and kind", () => {
  const payload = joined(trafficHeader(3, 0xffff_0000, 1), attribute(1, text("clsact")));
  assert.deepEqual(parseQdisc(payload), { ifindex: 3, handle: 0xffff_0000, kind: "clsact" });
});

Deno.test("parseClass reads the handle", () => {
  assert.deepEqual(parseClass(trafficHeader(3, 0x1_0002, 0)), { handle: 0x1_0002 });
});

Deno.test("parseFilter reads a direct-action BPF filter", () => {
  const payload = joined(
    filter("bpf", attribute(7, text("a.o:[tc]")), attribute(8, word(1)), attribute(11, word(77))),
    attribute(11, word(5)),
  );
  assert.deepEqual(parseFilter(payload), {
    handle: 1,
    priority,
    kind: "bpf",
    chain: 5,
    programs: [{ role: "direct_action", programId: 77, label: "a.o:[tc]" }],
  });
});

Deno.test("parseFilter reads a BPF classifier and its BPF actions", () => {
  const actions = joined(
    attribute(1, bpfAction(8, "first")),
    attribute(2, joined(attribute(1, text("gact")), attribute(2, attribute(9, word(1))))),
    attribute(3, bpfAction(9, "third")),
  );
  const payload = filter("bpf", attribute(1, actions), attribute(11, word(7)));
  assert.deepEqual(parseFilter(payload)?.programs, [
    { role: "classifier", programId: 7, label: null },
    { role: "action", programId: 8, label: "first" },
    { role: "action", programId: 9, label: "third" },
  ]);
});

const actionTypes = [
  ["flower", 3],
  ["matchall", 2],
  ["u32", 7],
  ["basic", 3],
  ["fw", 4],
  ["route", 6],
  ["flow", 9],
  ["cgroup", 1],
] as const;
for (const [kind, type] of actionTypes) {
  Deno.test(`parseFilter finds the BPF action of a ${kind} filter`, () => {
    const payload = filter(kind, attribute(type, attribute(1, bpfAction(12, "act"))));
    assert.deepEqual(parseFilter(payload)?.programs, [
      { role: "action", programId: 12, label: "act" },
    ]);
  });
}

Deno.test("parseFilter takes nothing of another kind for a BPF program", () => {
  const payload = filter("u32", attribute(11, word(7)));
  assert.deepEqual(parseFilter(payload)?.programs, []);
});

Deno.test("parseFilter and parseQdisc refuse what is too short", () => {
  assert.equal(parseFilter(new Uint8Array(19)), null);
  assert.equal(parseQdisc(new Uint8Array(19)), null);
});

Deno.test("parseFilter reads what a filter has when it is cut anywhere", () => {
  const payload = filter("bpf", attribute(7, text("label")), attribute(11, word(77)));
  for (let length = 20; length < payload.length; length++) {
    const found = parseFilter(payload.subarray(0, length));
    assert.ok(found !== null && found.programs.length <= 1);
    for (const { programId } of found.programs) assert.equal(programId, 77);
  }
});
