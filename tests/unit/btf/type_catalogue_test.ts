import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import { findContainers } from "../../../src/btf/containers.ts";
import { listMembers } from "../../../src/btf/member_list.ts";
import { prototypeText } from "../../../src/btf/prototype_text.ts";
import { TypeCatalogue } from "../../../src/btf/type_catalogue.ts";
import { findTypes, nearTypeNames, typesNamed } from "../../../src/btf/type_search.ts";
import { EBPFError } from "../../../src/errors.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

/** Structs that have each other in every way. */
function catalogue(): TypeCatalogue {
  const b = new BtfBuilder();
  const int = b.int("int", 4, { signed: true });
  const list = b.struct("list", 8, [{ name: "next", type: b.ptr(2 + 1) }]); // itself
  assert.equal(list, 3);
  const lock = b.struct("", 4, [{ name: "value", type: int }]);
  const lockType = b.typedef("lock_t", lock);
  const nameless = b.struct("", 24, [
    { name: "lock", type: lockType },
    { name: "lists", type: b.array(b.const(list), 2), offset: 8 },
  ]);
  b.struct("owner", 32, [
    { name: "first", type: list },
    { name: "", type: nameless, offset: 8 },
  ]);
  b.struct("other", 24, [{ name: "inner", type: nameless }]);
  b.struct("user", 8, [{ name: "list", type: b.ptr(b.fwd("list", "struct")) }]);
  b.func("list_add", b.prototype(0, { item: b.ptr(list), count: int, "": 0 }));
  b.enumeration("list_kind", 4, { LIST_NONE: 0 });
  return new TypeCatalogue(Btf.parse(b.bytes()), null);
}

function containers(types: TypeCatalogue, name: string, through: "value" | "pointer"): string[] {
  const [type] = typesNamed(types, name);
  return findContainers(types, type, through).found.map(({ owner, path, through }) => {
    const names = path.map((use) => types.btf.members(use.owner)[use.index].name);
    return `${types.nameOf(owner)}: ${names.join("/")} by ${through}`;
  }).sort();
}

Deno.test("findContainers gives the named structs that contain a type in nameless ones", () => {
  const types = catalogue();
  assert.deepEqual(containers(types, "list", "value"), [
    "other: inner/lists by array",
    "owner: /lists by array",
    "owner: first by value",
  ]);
  assert.deepEqual(containers(types, "lock_t", "value"), [
    "other: inner/lock by value",
    "owner: /lock by value",
  ]);
});

Deno.test("findContainers adds pointers when asked, to a declaration too", () => {
  assert.deepEqual(containers(catalogue(), "struct list", "pointer"), [
    "list: next by pointer",
    "other: inner/lists by array",
    "owner: /lists by array",
    "owner: first by value",
    "user: list by pointer",
  ]);
});

Deno.test("findContainers ends for nameless structs that contain each other", () => {
  const b = new BtfBuilder();
  const int = b.int("int", 4);
  const members = (type: number) => ["a", "b", "c"].map((name) => ({ name, type }));
  b.struct("", 8, [...members(3), { name: "value", type: int }]);
  b.struct("", 8, members(2));
  const types = new TypeCatalogue(Btf.parse(b.bytes()), null);
  const { found, whole } = findContainers(types, int, "value");
  assert.ok(found.length <= 1 << 16);
  assert.equal(whole, false);
});

Deno.test("findTypes puts what has just the name first, and counts what has it as a part", () => {
  const types = catalogue();
  const found = (pattern: string, ...kinds: ("func" | "struct")[]) => {
    const { ids, exact } = findTypes(types, pattern, kinds);
    return [exact, ...ids.map((id) => `${types.btf.kind(id)} ${types.btf.name(id)}`)];
  };
  assert.deepEqual(found("list"), [
    2,
    "struct list",
    "fwd list",
    "func list_add",
    "enum list_kind",
  ]);
  assert.deepEqual(found("struct list"), [1, "struct list"]);
  assert.deepEqual(found("list", "func"), [0, "func list_add"]);
  assert.deepEqual(found("struct list", "func"), [0]);
  assert.deepEqual(found("list_*"), [0, "func list_add", "enum list_kind"]);
  assert.deepEqual(found("*r", "struct"), [0, "struct owner", "struct other", "struct user"]);
  assert.deepEqual(found("^list_"), [0, "func list_add", "enum list_kind"]);
  assert.deepEqual(found("/^(list|user)$/", "struct"), [0, "struct list", "struct user"]);
  assert.deepEqual(found("nothing"), [0]);
  assert.equal(findTypes(types, undefined, []).ids.length, types.btf.typeCount - 1);
  assert.deepEqual(nearTypeNames(types, "lisst_add", 3), ["list_add"]);
});

Deno.test("findTypes finds names that are not plain text", () => {
  const b = new BtfBuilder();
  b.struct("über", 0, []);
  b.struct("plain", 0, []);
  const odd = b.struct("a\nb", 0, []);
  const types = new TypeCatalogue(Btf.parse(b.bytes()), null);
  assert.deepEqual(findTypes(types, "/b/", []).ids, [1, odd]);
  assert.deepEqual(findTypes(types, "lai", []).ids, [2]);
  assert.deepEqual([...types.names.all()], ["über", "plain", "a\\x0ab"]);
});

Deno.test("TypeCatalogue counts kinds, and of split BTF only the own types", () => {
  const base = catalogue();
  assert.equal(base.counts.get("struct"), 6);
  assert.equal(base.counts.has("float"), false);
  const b = new BtfBuilder({
    typeCount: base.btf.typeCount,
    stringsLength: base.btf.stringsLength,
  });
  const [list] = base.btf.find("list", "struct");
  b.struct("module_list", 8, [{ name: "head", type: list }]);
  const module = new TypeCatalogue(Btf.parse(b.bytes(), base.btf), base);
  assert.deepEqual([...module.counts], [["struct", 1]]);
  assert.equal(findTypes(module, "list", []).ids.length, 1);
  assert.deepEqual(typesNamed(module, "struct list"), [list]);
  const found = findContainers(module, list, "value").found.map(({ owner }) => owner);
  assert.ok(found.includes(base.btf.typeCount), "the module's own struct contains it");
  assert.ok(found.length > 1, "those of the kernel do, too");
});

Deno.test("listMembers spells out the structs inside as deep as asked", () => {
  const { btf } = catalogue();
  const [owner] = btf.find("owner", "struct");
  const shown = (depth: number) => {
    return listMembers(btf, owner, depth).map(({ path, bitOffset }) => `${path} ${bitOffset / 8}`);
  };
  assert.deepEqual(shown(1), ["first 0", "lock 8", "lists 16"]);
  assert.deepEqual(shown(2), [
    "first 0",
    "first.next 0",
    "lock 8",
    "lock.value 8",
    "lists 16",
    "lists[].next 16",
  ]);
});

Deno.test("listMembers refuses a struct inside itself", () => {
  const b = new BtfBuilder();
  const loop = b.struct("loop", 8, [{ name: "a", type: 1 }, { name: "b", type: 1 }]);
  const btf = Btf.parse(b.bytes());
  assert.equal(listMembers(btf, loop, 1).length, 2);
  assert.throws(() => listMembers(btf, loop, 40), (error) => {
    return error instanceof EBPFError && ["invalid_btf", "limit_exceeded"].includes(error.code);
  });
});

Deno.test("prototypeText names the parameters", () => {
  const { btf } = catalogue();
  const [add] = btf.find("list_add", "func");
  assert.equal(prototypeText(btf, add), "void list_add(struct list *item, int count, ...)");
  assert.equal(
    prototypeText(btf, btf.pointee(add)),
    "void (struct list *item, int count, ...)",
  );
});
