import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import {
  eventTypeCandidates,
  findEventType,
  type LengthReport,
  pickEventType,
} from "../../../src/btf/event_types.ts";
import { EBPFError } from "../../../src/errors.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

/** A struct that is `size` bytes of chars behind a u32, so that its last member is an array. */
function text(b: BtfBuilder, name: string, size: number, count = size - 4): number {
  return b.struct(name, size, [
    { name: "pid", type: b.int("unsigned int", 4), offset: 0 },
    { name: "text", type: b.array(b.int("char", 1), count), offset: 4 },
  ]);
}

/** A struct of `size` bytes that ends in a number. */
function numbers(b: BtfBuilder, name: string, size: number): number {
  const u32 = b.int("unsigned int", 4);
  return b.struct(name, size, [
    { name: "first", type: u32, offset: 0 },
    { name: "last", type: u32, offset: size - 4 },
  ]);
}

/** A global pointer to each type. */
function pointers(b: BtfBuilder, types: readonly number[]): void {
  types.forEach((type, index) => b.variable(`type${index}`, b.ptr(type)));
}

const rings: LengthReport = { padding: 0 };
const perf: LengthReport = { padding: 7 };

Deno.test("eventTypeCandidates takes the pointers in .event_types before any others", () => {
  const b = new BtfBuilder();
  const [exec, exit, other] = ["exec", "exit", "other"].map((name, index) => {
    return numbers(b, name, 8 + index * 8);
  });
  pointers(b, [other]);
  const variables = [exec, b.typedef("exit_t", exit), exec].map((type, index) => {
    const variable = b.variable(`event${index}`, b.ptr(b.const(type)));
    return { variable, offset: index * 8, size: 8 };
  });
  b.datasec(".event_types", 24, variables);
  const candidates = eventTypeCandidates(Btf.parse(b.bytes()));
  assert.deepEqual(candidates, [
    { name: "exec", typeId: exec, size: 8, minimum: 8, flexible: false },
    { name: "exit", typeId: exit, size: 16, minimum: 16, flexible: false },
  ]);
});

Deno.test("eventTypeCandidates takes structs of global pointers where no section names any", () => {
  const b = new BtfBuilder();
  const anonymous = b.typedef("event_t", numbers(b, "", 8));
  const union = b.union("either", 4, []);
  pointers(b, [anonymous, union, b.int("int", 4), b.fwd("later", "struct")]);
  b.variable("hidden", b.ptr(numbers(b, "hidden", 8)), 0); // static
  b.variable("whole", numbers(b, "whole", 8));
  const names = eventTypeCandidates(Btf.parse(b.bytes())).map(({ name }) => name);
  assert.deepEqual(names, ["event_t", "either"]);
});

Deno.test("pickEventType tells records apart by their size", () => {
  const b = new BtfBuilder();
  pointers(b, [numbers(b, "a", 16), numbers(b, "b", 20), numbers(b, "c", 24), numbers(b, "d", 24)]);
  const candidates = eventTypeCandidates(Btf.parse(b.bytes()));
  const rows: [length: number, report: LengthReport, name: string | null][] = [
    [16, rings, "a"],
    [20, rings, "b"],
    [24, rings, null], // c or d
    [18, rings, null],
    [12, rings, null],
    [400, rings, null],
    [20, perf, null], // a and b: 16 + 4 and 20 + 4 are both reported as 20
    [28, perf, null],
  ];
  for (const [length, report, name] of rows) {
    const picked = pickEventType(candidates, length, report);
    assert.equal(picked?.name ?? null, name, `${length} ${report.padding}`);
  }
});

Deno.test("pickEventType knows what perf adds to a record", () => {
  const b = new BtfBuilder();
  pointers(b, [numbers(b, "a", 8), numbers(b, "b", 24), text(b, "c", 41)]);
  const candidates = eventTypeCandidates(Btf.parse(b.bytes()));
  const rows: [number, string | null][] = [[12, "a"], [28, "b"], [44, "c"], [26, "b"], [36, null]];
  for (const [length, name] of rows) {
    assert.equal(pickEventType(candidates, length, perf)?.name ?? null, name, `${length}`);
  }
});

Deno.test("pickEventType accepts a short record of the only type if it ends in an array", () => {
  const b = new BtfBuilder();
  pointers(b, [text(b, "exec", 64)]);
  const [exec] = eventTypeCandidates(Btf.parse(b.bytes()));
  assert.equal(exec.minimum, 4);
  const rows: [number, boolean][] = [[64, true], [20, true], [4, true], [3, false], [65, false]];
  for (const [length, accepted] of rows) {
    assert.equal(pickEventType([exec], length, rings) !== null, accepted, `${length}`);
  }
  const c = new BtfBuilder();
  pointers(c, [numbers(c, "fixed", 64)]);
  assert.equal(pickEventType(eventTypeCandidates(Btf.parse(c.bytes())), 60, rings), null);
});

Deno.test("pickEventType accepts a longer record of the only flexible type", () => {
  const b = new BtfBuilder();
  pointers(b, [numbers(b, "fixed", 16), text(b, "flexible", 4, 0)]);
  const candidates = eventTypeCandidates(Btf.parse(b.bytes()));
  assert.equal(pickEventType(candidates, 100, rings)?.name, "flexible");
  assert.equal(pickEventType(candidates, 4, rings)?.name, "flexible");
  assert.equal(pickEventType(candidates, 16, rings)?.name, "fixed");
  assert.equal(pickEventType(candidates, 2, rings), null);
});

Deno.test("findEventType finds structs, unions and typedefs of them", () => {
  const b = new BtfBuilder();
  const exec = numbers(b, "exec", 8);
  const typedef = b.typedef("event_t", numbers(b, "", 8));
  const btf = Btf.parse(b.bytes());
  assert.equal(findEventType(btf, "exec").typeId, exec);
  assert.equal(findEventType(btf, "struct exec").typeId, exec);
  const { name, typeId } = findEventType(btf, "event_t");
  assert.deepEqual([name, typeId], ["event_t", btf.resolve(typedef)]);
});

Deno.test("findEventType names what there is, the nearest first", () => {
  const b = new BtfBuilder();
  for (const name of ["task", "exec_event", "exit_event"]) numbers(b, name, 8);
  const btf = Btf.parse(b.bytes());
  assert.throws(() => findEventType(btf, "exit_evnt"), (error) => {
    assert.ok(error instanceof EBPFError);
    assert.deepEqual([error.category, error.code], ["validation", "unknown_event_type"]);
    assert.deepEqual(error.context.event_types, ["exit_event", "exec_event", "task"]);
    return true;
  });
  assert.throws(() => findEventType(Btf.parse(new BtfBuilder().bytes()), "x"), /has no structs/);
});
