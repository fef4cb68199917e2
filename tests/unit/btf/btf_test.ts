import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import { fieldsOf, hasField } from "../../../src/btf/fields.ts";
import { typeText } from "../../../src/btf/type_text.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

/** One type of every kind. */
function everyKind() {
  const builder = new BtfBuilder();
  const int = builder.int("int", 4, { signed: true });
  const char = builder.int("char", 1, { signed: true });
  const flag = builder.int("_Bool", 1, { bool: true });
  const double = builder.float("double", 8);
  const text = builder.array(char, 16);
  const state = builder.enumeration("state", 4, { IDLE: 0, BUSY: 1, LOST: -1 });
  const mask = builder.enum64("mask", { NONE: 0n, ALL: 0xffff_ffff_ffff_ffffn });
  const inner = builder.union("", 8, [
    { name: "whole", type: double, offset: 0 },
    { name: "half", type: int, offset: 0 },
  ]);
  const event = builder.struct("event", 32, [
    { name: "pid", type: int, bitOffset: 0 },
    { name: "low", type: int, bitOffset: 32, bitSize: 3 },
    { name: "", type: inner, bitOffset: 64 },
    { name: "comm", type: text, bitOffset: 128 },
  ]);
  const other = builder.fwd("other", "union");
  const typedef = builder.typedef("event_t", event);
  const pointer = builder.ptr(builder.const(typedef));
  const prototype = builder.prototype(int, { event: pointer, "": 0 });
  const func = builder.func("handle", prototype);
  const variable = builder.variable("last", builder.volatile(event));
  const section = builder.datasec(".bss", 40, [{ variable, offset: 8, size: 32 }]);
  const tag = builder.declTag("argv", event, 3);
  const tagged = builder.typeTag("user", int);
  const restricted = builder.restrict(builder.ptr(tagged));
  return {
    btf: Btf.parse(builder.bytes()),
    ...{ int, char, flag, double, text, state, mask, inner, event, other, typedef, pointer },
    ...{ prototype, func, variable, section, tag, restricted },
  };
}

Deno.test("Btf tells kind, name and size of every type", () => {
  const { btf, ...ids } = everyKind();
  const rows: [keyof typeof ids, string, string, number][] = [
    ["int", "int", "int", 4],
    ["flag", "int", "_Bool", 1],
    ["double", "float", "double", 8],
    ["text", "array", "", 16],
    ["state", "enum", "state", 4],
    ["mask", "enum64", "mask", 8],
    ["inner", "union", "", 8],
    ["event", "struct", "event", 32],
    ["other", "fwd", "other", 0],
    ["typedef", "typedef", "event_t", 32],
    ["pointer", "ptr", "", 8],
    ["prototype", "func_proto", "", 0],
    ["func", "func", "handle", 0],
    ["variable", "var", "last", 32],
    ["section", "datasec", ".bss", 40],
    ["tag", "decl_tag", "argv", 0],
    ["restricted", "restrict", "", 8],
  ];
  for (const [key, kind, name, size] of rows) {
    assert.equal(btf.kind(ids[key]), kind, key);
    assert.equal(btf.name(ids[key]), name, key);
    assert.equal(btf.sizeOf(ids[key]), size, key);
  }
  assert.equal(btf.kind(0), "void");
  assert.equal(btf.name(0), "void");
});

Deno.test("Btf gives what a type consists of", () => {
  const { btf, ...ids } = everyKind();
  assert.deepEqual(btf.members(ids.event)[1], {
    name: "low",
    type: ids.int,
    bitOffset: 32,
    bitSize: 3,
  });
  assert.deepEqual(btf.array(ids.text), { element: ids.char, count: 16 });
  assert.deepEqual(btf.enumerators(ids.state).map(({ value }) => value), [0n, 1n, -1n]);
  assert.equal(btf.enumerators(ids.mask)[1].value, 0xffff_ffff_ffff_ffffn);
  assert.deepEqual(btf.parameters(ids.prototype).map(({ name }) => name), ["event", ""]);
  assert.equal(btf.linkage(ids.variable), "global");
  assert.equal(btf.forward(ids.other), "union");
  assert.equal(btf.resolve(btf.pointee(ids.pointer)), ids.event);
  assert.deepEqual(btf.declTags(ids.event), [{ value: "argv", component: 3 }]);
  const [last] = btf.variables(ids.section);
  assert.deepEqual([last.name, last.offset, last.size], ["last", 8, 32]);
  assert.equal(btf.resolve(last.type), ids.event);
});

Deno.test("Btf.find gives types by name and kind in the order of their ids", () => {
  const builder = new BtfBuilder();
  const first = builder.struct("task", 0, []);
  const fwd = builder.fwd("task", "struct");
  const second = builder.struct("task", 0, []);
  const unicode = builder.struct("tâche", 0, []);
  const btf = Btf.parse(builder.bytes());
  assert.deepEqual(btf.find("task"), [first, fwd, second]);
  assert.deepEqual(btf.find("task", "struct"), [first, second]);
  assert.deepEqual(btf.find("tâche"), [unicode]);
  const prototype = builder.prototype(0, {});
  const called = builder.func("task", prototype);
  const third = builder.struct("task", 0, []);
  const larger = Btf.parse(builder.bytes());
  assert.deepEqual(larger.find("task"), [first, fwd, second, called, third]);
  assert.deepEqual(larger.find("task", "func"), [called]);
  assert.deepEqual(larger.find("task", "struct", "func"), [first, second, called, third]);
  for (const name of ["tas", "tasks", "", "task\0"]) assert.deepEqual(btf.find(name), []);
});

Deno.test("Btf.parse continues the ids and strings of a base", () => {
  const base = new BtfBuilder();
  const int = base.int("int", 4, { signed: true });
  const shared = base.struct("shared", 4, [{ name: "value", type: int, offset: 0 }]);
  const whole = Btf.parse(base.bytes());
  const split = new BtfBuilder(base);
  split.string("own");
  const own = split.struct("own", 8, [
    { name: "value", type: shared, offset: 0 }, // a string of its own, as linkers write it
    { name: "count", type: int, offset: 4 },
  ]);
  split.raw(base.string("shared"), 8 << 24, shared); // a typedef whose name is in the base
  const module = Btf.parse(split.bytes(), whole);
  assert.equal(module.firstId, whole.typeCount);
  assert.deepEqual(module.members(own).map(({ name }) => name), ["value", "count"]);
  assert.deepEqual(module.find("shared"), [shared, own + 1]);
  assert.deepEqual(module.members(shared).map(({ name }) => name), ["value"]);
  assert.deepEqual(whole.find("own"), []);
  assert.deepEqual(fieldsOf(module, own)[0].type, "struct shared");
});

Deno.test("Btf.parse reads bytes that are not aligned", () => {
  const builder = new BtfBuilder();
  const id = builder.int("int", 4);
  const bytes = builder.bytes();
  for (const offset of [1, 2, 3]) {
    const moved = new Uint8Array(bytes.length + offset);
    moved.set(bytes, offset);
    assert.equal(Btf.parse(moved.subarray(offset)).name(id), "int");
  }
});

Deno.test("Btf.name makes control characters visible", () => {
  const builder = new BtfBuilder();
  const id = builder.struct("a\x1b[2Jb\u202e", 0, []);
  assert.equal(Btf.parse(builder.bytes()).name(id), "a\\x1b[2Jb\\u{202e}");
});

Deno.test("typeText writes types as C does", () => {
  const builder = new BtfBuilder();
  const int = builder.int("unsigned int", 4);
  const event = builder.struct("event", 4, []);
  const anonymous = builder.union("", 4, []);
  const pointer = builder.ptr(event);
  const prototype = builder.prototype(0, { a: builder.ptr(0), b: int, "": 0 });
  const rows: [number, string][] = [
    [0, "void"],
    [int, "unsigned int"],
    [builder.array(int, 4), "unsigned int[4]"],
    [builder.array(builder.array(int, 3), 2), "unsigned int[2][3]"],
    [builder.array(int, 0), "unsigned int[]"],
    [pointer, "struct event *"],
    [builder.ptr(pointer), "struct event **"],
    [builder.ptr(builder.const(event)), "const struct event *"],
    [builder.const(pointer), "struct event *const"],
    [builder.array(pointer, 8), "struct event *[8]"],
    [builder.ptr(builder.array(int, 8)), "unsigned int (*)[8]"],
    [builder.ptr(prototype), "void (*)(void *, unsigned int, ...)"],
    [builder.prototype(int, {}), "unsigned int (void)"],
    [anonymous, "union {…}"],
    [builder.enumeration("state", 4, {}), "enum state"],
    [builder.fwd("later", "union"), "union later"],
    [builder.typedef("u32", int), "u32"],
    [builder.volatile(builder.typeTag("user", int)), "volatile unsigned int"],
    [builder.func("run", builder.prototype(0, { cpu: int })), "void run(unsigned int)"],
  ];
  const btf = Btf.parse(builder.bytes());
  for (const [id, text] of rows) assert.equal(typeText(btf, id), text);
});

Deno.test("fieldsOf lists the fields of anonymous members as the struct's own", () => {
  const { btf, event, section } = everyKind();
  assert.deepEqual(fieldsOf(btf, event), [
    { name: "pid", type: "int", offset: 0, size: 4 },
    { name: "low", type: "int : 3", offset: 4, size: 1 },
    { name: "whole", type: "double", offset: 8, size: 8 },
    { name: "half", type: "int", offset: 8, size: 4 },
    { name: "comm", type: "char[16]", offset: 16, size: 16 },
  ]);
  assert.deepEqual(fieldsOf(btf, section).map(({ name }) => name), ["last"]);
  assert.ok(hasField(btf, section, "last.half"));
  assert.ok(!hasField(btf, event, "pid.half"));
  assert.ok(!hasField(btf, event, "toString"));
});
