import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import { followPath, type Read } from "../../../src/btf/path_chain.ts";
import { parsePath } from "../../../src/btf/path_syntax.ts";
import { EBPFError } from "../../../src/errors.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

/** A task that leads to a dentry, with what C has on such a way. */
function tasks(): Btf {
  const b = new BtfBuilder();
  const int = b.int("int", 4, { signed: true });
  const char = b.int("char", 1);
  const dentry = b.struct("dentry", 16, [{ name: "name", type: b.array(char, 16) }]);
  const path = b.struct("path", 16, [{ name: "dentry", type: b.ptr(dentry), offset: 8 }]);
  const file = b.struct("file", 48, [
    { name: "flags", type: int },
    { name: "", type: b.union("", 16, [{ name: "f_path", type: b.const(path) }]), offset: 32 },
  ]);
  const declared = b.ptr(b.fwd("file", "struct"));
  const table = b.struct("table", 48, [
    { name: "files", type: b.array(declared, 4), offset: 8 },
    { name: "more", type: b.ptr(declared), offset: 40 },
  ]);
  const task = b.struct("task", 24, [
    { name: "id", type: int, bitOffset: 0, bitSize: 20 },
    { name: "done", type: int, bitOffset: 20, bitSize: 5 },
    { name: "table", type: b.typedef("table_p", b.ptr(table)), bitOffset: 64 },
    { name: "", type: b.struct("", 8, [{ name: "rank", type: int, offset: 4 }]), bitOffset: 128 },
  ]);
  b.typedef("task_t", task);
  assert.ok(file > 0);
  return Btf.parse(b.bytes());
}

function follow(btf: Btf, path: string): readonly Read[] {
  const { name, steps } = parsePath(path);
  const [root] = btf.find(name.replace(/^struct /, ""), "struct", "typedef");
  return followPath(btf, root, steps, path).reads;
}

/** Each read as `fields @offset +bytes`. */
function shown(btf: Btf, path: string): string[] {
  return follow(btf, path).map(({ fields, bitOffset, bitSize, bytes }) => {
    const bits = bitSize === 0 ? "" : ` bits ${bitOffset % 8}+${bitSize}`;
    return `${fields} @${Math.floor(bitOffset / 8)} +${bytes}${bits}`;
  });
}

Deno.test("followPath reads once per pointer, and once for the value", () => {
  const btf = tasks();
  const rows: [path: string, reads: string[]][] = [
    ["task.rank", ["rank @20 +4"]],
    ["struct task.table", ["table @8 +8"]],
    ["task_t.table->files", ["table @8 +8", "files @8 +32"]],
    ["task.table.files[2].flags", ["table @8 +8", "files[2] @24 +8", "flags @0 +4"]],
    [
      "task.table.more[3].f_path.dentry->name",
      ["table @8 +8", "more @40 +8", "[3] @24 +8", "f_path.dentry @40 +8", "name @0 +16"],
    ],
    ["task.done", ["done @2 +2 bits 4+5"]],
    ["task", [" @0 +24"]],
  ];
  for (const [path, reads] of rows) assert.deepEqual(shown(btf, path), reads, path);
});

const refused: [path: string, code: string, message: RegExp][] = [
  ["task.tabel", "unknown_field", /struct task has no member "tabel", it has table, /],
  ["task.table.files.flags", "invalid_arguments", /has no members, name an element: \[0\]/],
  ["task.table.files[4]", "invalid_arguments", /\[4\] is outside/],
  ["task.rank.more", "invalid_arguments", /int has no members/],
  ["task.rank[0]", "invalid_arguments", /int has no elements/],
  ["task..rank", "invalid_arguments", /"\.\.rank" is no member or \[index\]/],
  ["task.table[-1]", "invalid_arguments", /"\[-1\]" is no member/],
  [".rank", "invalid_arguments", /begins with no type/],
  [`task${".rank".repeat(65)}`, "invalid_arguments", /more than 64 steps/],
];

Deno.test("followPath refuses what no path is, and says where it goes wrong", () => {
  const btf = tasks();
  for (const [path, code, message] of refused) {
    assert.throws(() => follow(btf, path), (error) => {
      assert.ok(error instanceof EBPFError, `${path}: ${error}`);
      assert.equal(error.code, code, path);
      assert.match(error.message, message, path);
      return true;
    }, path);
  }
});

Deno.test("followPath ends for structs that contain themselves without a name", () => {
  const b = new BtfBuilder();
  const loop = b.struct("loop", 8, [{ name: "", type: 1 }, { name: "", type: 1 }]);
  const btf = Btf.parse(b.bytes());
  assert.throws(() => followPath(btf, loop, [{ kind: "member", name: "x" }], "loop.x"), (error) => {
    return error instanceof EBPFError && ["invalid_btf", "limit_exceeded"].includes(error.code);
  });
});
