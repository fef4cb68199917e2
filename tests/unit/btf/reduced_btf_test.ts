import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import { CoreKind } from "../../../src/btf/core_relocations.ts";
import { reducedBtf } from "../../../src/btf/reduced_btf.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

const FIELD_OFFSET = 0;

/** A kernel with a task, what lies in it, what it points to, and what it does not. */
function kernel(): Btf {
  const built = new BtfBuilder();
  const long = built.int("long", 8, { signed: true });
  const text = built.array(built.int("char", 1), 16);
  const huge = built.struct("huge", 8, [{ name: "x", type: long, offset: 0 }]);
  const inner = built.typedef(
    "inner_t",
    built.const(built.union("", 8, [{ name: "bits", type: long, bitOffset: 0, bitSize: 3 }])),
  );
  const state = built.enumeration("state", 4, { RUN: 0, STOP: 7 });
  const members = [
    { name: "comm", type: text, offset: 0 },
    { name: "next", type: built.ptr(huge), offset: 16 },
    { name: "inner", type: inner, offset: 24 },
    { name: "state", type: state, offset: 32 },
  ];
  built.struct("task", 40, members);
  built.struct("other", 40, members);
  return Btf.parse(built.bytes());
}

/** An object that names these types. */
function object(...names: string[]): { btf: Btf; ids: number[] } {
  const built = new BtfBuilder();
  const ids = names.map((name) =>
    name.startsWith("enum ")
      ? built.enumeration(name.slice(5), 4, { RUN: 0 })
      : built.struct(name, 0, [])
  );
  return { btf: Btf.parse(built.bytes()), ids };
}

function reduce(kind: number, ...names: string[]): Btf | null {
  const { btf, ids } = object(...names);
  const bytes = reducedBtf(btf, ids.map((root) => ({ root, kind })), kernel());
  return bytes && Btf.parse(bytes);
}

Deno.test("reducedBtf keeps what lies inside a type as it is, and nothing else", () => {
  const btf = reduce(FIELD_OFFSET, "task") ?? assert.fail();
  const [task = 0] = btf.find("task", "struct");
  const whole = kernel();
  const [same = 0] = whole.find("task", "struct");
  const told = (of: Btf, id: number) => of.members(id).map(({ type: _, ...rest }) => rest);
  assert.deepEqual(told(btf, task), told(whole, same));
  assert.equal(btf.sizeOf(task), 40);
  const [comm, next, inner, state] = btf.members(task).map(({ type }) => type);
  assert.equal(btf.sizeOf(comm ?? 0), 16);
  assert.equal(btf.pointee(next ?? 0), 0, "what a pointer points to is left out");
  assert.deepEqual(btf.members(btf.resolve(inner ?? 0)).map((one) => one.bitSize), [3]);
  assert.deepEqual(btf.enumerators(state ?? 0).map(({ value }) => value), [0n, 7n]);
  assert.deepEqual([...btf.find("huge"), ...btf.find("other")], []);
});

Deno.test("reducedBtf finds the type that a flavor is a view of", () => {
  assert.equal(reduce(FIELD_OFFSET, "task___old")?.find("task", "struct").length, 1);
  assert.equal(reduce(FIELD_OFFSET, "other___a___b"), null, "other___a is not there");
  assert.equal(reduce(FIELD_OFFSET, "enum state___old")?.find("state", "enum").length, 1);
});

Deno.test("reducedBtf gives up where a module may know more, or an id is wanted", () => {
  assert.equal(reduce(FIELD_OFFSET, "task", "missing"), null);
  assert.equal(reduce(FIELD_OFFSET, "enum task"), null, "another kind");
  assert.equal(reduce(CoreKind.typeIdTarget, "task"), null);
  assert.equal(reduce(CoreKind.typeMatches, "task"), null);
  assert.equal(reduce(99, "task"), null, "what a later compiler asks");
  assert.equal(reduce(FIELD_OFFSET, ""), null);
  assert.equal(reduce(FIELD_OFFSET), null, "nothing to relocate");
  assert.equal(reduce(CoreKind.typeIdLocal, "missing"), null);
});

Deno.test("reducedBtf takes a type that lies in itself through others once", () => {
  const built = new BtfBuilder();
  const second = 2;
  built.struct("loop", 8, [{ name: "a", type: second, offset: 0 }]);
  built.struct("pool", 8, [{ name: "b", type: 1, offset: 0 }]);
  const { btf, ids: [root = 0] } = object("loop");
  const bytes = reducedBtf(btf, [{ root, kind: 0 }, { root, kind: 0 }], Btf.parse(built.bytes()));
  assert.equal(Btf.parse(bytes ?? assert.fail()).typeCount, 3);
});
