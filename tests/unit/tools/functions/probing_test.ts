import assert from "node:assert/strict";
import { Btf } from "../../../../src/btf/btf.ts";
import { KallsymsReader } from "../../../../src/elf/kallsyms.ts";
import { FunctionMarks } from "../../../../src/host/function_marks.ts";
import { FunctionTypes } from "../../../../src/host/function_types.ts";
import { barriersOf, type ProbeKind, Probing } from "../../../../src/tools/functions/probing.ts";
import { BtfBuilder } from "../../../support/btf_builder.ts";

const names = ["vfs_read", "vfs_read.cold", "asm_entry", "printk", "twice", "twice", "do_exit"]
  .concat(["migrate_disable", "notrace_one", "no_probe", "by_value", "thirteen"]);
const open = { kprobe: null, fentry: null, fexit: null };
const encoder = new TextEncoder();

function types(): Btf {
  const builder = new BtfBuilder();
  const int = builder.int("int", 4, { signed: true });
  const large = builder.struct("large", 24, [{ name: "a", type: int, offset: 0 }]);
  const plain = builder.prototype(int, { fd: int });
  const variadic = builder.prototype(int, { fmt: int, "": 0 });
  const byValue = builder.prototype(int, { all: large });
  const many = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`a${i}`, int]));
  const thirteen = builder.prototype(0, many);
  for (const name of ["vfs_read", "twice", "do_exit", "migrate_disable", "notrace_one"]) {
    builder.func(name, plain);
  }
  builder.func("no_probe", plain);
  builder.func("printk", variadic);
  builder.func("by_value", byValue);
  builder.func("thirteen", thirteen);
  return Btf.parse(builder.bytes());
}

function probing(): (kind: ProbeKind, name: string) => string | null {
  const reader = new KallsymsReader("without addresses");
  reader.read(encoder.encode(names.map((name) => `ffffffff81000000 T ${name}\n`).join("")));
  const functions = reader.finish();
  const patchable = new FunctionMarks(functions);
  const traceable = names.filter((name) => !/notrace|cold/.test(name));
  patchable.mark(encoder.encode(traceable.map((name) => `${name} [m]\n`).join("")), 0);
  const blacklist = new FunctionMarks(functions);
  blacklist.mark(encoder.encode("0xffffffff81000000-0xffffffff81000010\tno_probe\n"), 1);
  const btf = types();
  const symbols = { functions, types: new FunctionTypes(functions), patchable, blacklist };
  const judge = new Probing(symbols, open, () => btf);
  return (kind, name) => judge.whyNot(kind, functions.names.find(name));
}

const table: readonly (readonly [string, string | null, string | null, string | null])[] = [
  ["vfs_read", null, null, null],
  ["vfs_read.cold", null, "no_btf", "no_btf"],
  ["asm_entry", null, "no_btf", "no_btf"],
  ["printk", null, "arguments", "arguments"],
  ["by_value", null, "arguments", "arguments"],
  ["thirteen", null, "arguments", "arguments"],
  ["twice", "same_name", "same_name", "same_name"],
  ["do_exit", null, null, "no_return"],
  ["migrate_disable", null, "refused", "refused"],
  ["notrace_one", "not_patchable", "not_patchable", "not_patchable"],
  ["no_probe", "blacklisted", null, null],
];

for (const [name, kprobe, fentry, fexit] of table) {
  Deno.test(`Probing says of ${name} what the kernel would`, () => {
    const whyNot = probing();
    assert.deepEqual([whyNot("kprobe", name), whyNot("fentry", name), whyNot("fexit", name)], [
      kprobe,
      fentry,
      fexit,
    ]);
  });
}

Deno.test("barriersOf names what holds for every function", () => {
  const accepted = { accepted: true, errno: null, why: "loads" };
  const refused = { accepted: null, errno: 1, why: "not permitted: give this process CAP_BPF" };
  const none = { kprobe: null, fentry: null, fexit: null };
  assert.deepEqual(barriersOf("yes", { fentry: accepted, fexit: accepted }), none);
  assert.deepEqual(barriersOf("unknown", { fentry: accepted, fexit: accepted }), none);
  assert.match(barriersOf("no", { fentry: accepted, fexit: accepted }).kprobe ?? "", /tracepoints/);
  assert.match(
    barriersOf("locked down", { fentry: accepted, fexit: accepted }).kprobe ?? "",
    /lock/,
  );
  assert.equal(barriersOf("yes", { fentry: refused, fexit: accepted }).fentry, refused.why);
});
