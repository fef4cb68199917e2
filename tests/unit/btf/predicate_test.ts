import assert from "node:assert/strict";
import fc from "fast-check";
import { Btf } from "../../../src/btf/btf.ts";
import { compilePredicate } from "../../../src/btf/predicate.ts";
import { type Comparison, type Operator, OPERATORS } from "../../../src/btf/comparison.ts";
import { EBPFError } from "../../../src/errors.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

/** An event with a field of every sort that can be compared. */
function event() {
  const b = new BtfBuilder();
  const [u8, u16, u32] = [b.int("u8", 1), b.int("u16", 2), b.int("u32", 4)];
  const [u64, s64] = [b.int("u64", 8), b.int("s64", 8, { signed: true })];
  const char = b.int("char", 1);
  const address = b.struct("address", 4, [
    { name: "port", type: u16, offset: 0 },
    { name: "bytes", type: b.array(u8, 2), offset: 2 },
  ]);
  const members = [
    { name: "id", type: u64, bitOffset: 0 },
    { name: "result", type: s64, bitOffset: 64 },
    { name: "pid", type: u32, bitOffset: 128 },
    { name: "low", type: b.int("int", 4, { signed: true }), bitOffset: 160, bitSize: 5 },
    { name: "on", type: b.int("_Bool", 1, { bool: true }), bitOffset: 168 },
    { name: "address", type: address, bitOffset: 176 },
    { name: "state", type: b.enumeration("s", 2, { IDLE: 0, BUSY: 1 }), bitOffset: 208 },
    { name: "load", type: b.float("double", 8), bitOffset: 256 },
    { name: "task", type: b.ptr(0), bitOffset: 320 },
    { name: "comm", type: b.array(char, 8), bitOffset: 384 },
    { name: "args", type: b.array(char, 8), bitOffset: 448 },
  ];
  const type = b.struct("event", 64, members);
  b.declTag("argv", type, members.length - 1);
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, 2n ** 64n - 5n, true);
  view.setBigInt64(8, -7n, true);
  view.setUint32(16, 4_000_000_000, true);
  bytes[20] = 0b11101; // -3
  bytes[21] = 1;
  view.setUint16(22, 443, true);
  view.setUint16(26, 1, true);
  view.setFloat64(32, 0.5, true);
  view.setBigUint64(40, 0xffff_8881_0000_0000n, true);
  new TextEncoder().encodeInto("nginx\x1b", bytes.subarray(48));
  new TextEncoder().encodeInto("ls\0-l\0", bytes.subarray(56));
  return { btf: Btf.parse(b.bytes()), type, bytes };
}

type Row = [field: string, op: Operator, value: string | number | boolean];

const passing: Row[] = [
  ["id", "eq", "18446744073709551611"],
  ["id", "gt", "18446744073709551610"],
  ["id", "lt", "18446744073709551612"],
  ["id", "ge", 0],
  ["id", "ne", -1],
  ["id", "lt", "99999999999999999999999"],
  ["result", "eq", -7],
  ["result", "lt", 0],
  ["result", "gt", "-9223372036854775808"],
  ["pid", "eq", 4_000_000_000],
  ["pid", "eq", "0xee6b2800"],
  ["pid", "gt", 2 ** 31],
  ["low", "eq", -3],
  ["low", "le", -3],
  ["on", "eq", true],
  ["on", "ne", 0],
  ["address.port", "eq", 443],
  ["state", "eq", "BUSY"],
  ["state", "eq", 1],
  ["state", "gt", "IDLE"],
  ["load", "eq", 0.5],
  ["load", "lt", "0.75"],
  ["task", "eq", "0xffff888100000000"],
  ["comm", "eq", "nginx\\x1b"],
  ["comm", "ne", "nginx"],
  ["comm", "prefix", "ngi"],
  ["comm", "prefix", ""],
  ["comm", "contains", "inx"],
  ["comm", "contains", "x\\x1b"],
  ["comm", "gt", "apache"],
  ["args", "contains", "-"],
  ["args", "eq", "-l"],
  ["args", "prefix", "l"],
  ["args", "ne", "rm"],
];

const failing: Row[] = [
  ["id", "eq", "18446744073709551610"],
  ["id", "eq", -5],
  ["result", "ge", 0],
  ["result", "eq", "18446744073709551609"],
  ["pid", "lt", 0],
  ["low", "eq", 29],
  ["on", "eq", false],
  ["address.port", "ne", 443],
  ["state", "ne", "BUSY"],
  ["state", "eq", 7],
  ["load", "gt", 0.5],
  ["comm", "eq", "nginx"],
  ["comm", "prefix", "nginxx"],
  ["comm", "contains", "apache"],
  ["comm", "prefix", "nginx\\x1b and more"],
  ["args", "eq", "ls -l"],
  ["args", "ne", "ls"],
];

function passes(row: Row): boolean {
  const { btf, type, bytes } = event();
  const [field, op, value] = row;
  return compilePredicate(btf, type, [{ field, op, value }])(bytes, 0, bytes.length);
}

Deno.test("compilePredicate compares a field as its type means it", () => {
  for (const row of passing) assert.ok(passes(row), row.join(" "));
  for (const row of failing) assert.ok(!passes(row), row.join(" "));
});

Deno.test("compilePredicate wants every comparison to hold, and passes all without any", () => {
  const { btf, type, bytes } = event();
  const both: Comparison[] = [
    { field: "address.port", op: "eq", value: 443 },
    { field: "comm", op: "prefix", value: "apache" },
  ];
  assert.ok(compilePredicate(btf, type, both.slice(0, 1))(bytes, 0, 64));
  assert.ok(!compilePredicate(btf, type, both)(bytes, 0, 64));
  assert.ok(compilePredicate(btf, type, [])(bytes, 0, 64));
});

Deno.test("compilePredicate reads the record at its offset, and none that ends too early", () => {
  const { btf, type, bytes } = event();
  const moved = new Uint8Array(80);
  moved.set(bytes, 13);
  const test = compilePredicate(btf, type, [{ field: "pid", op: "ne", value: 1 }]);
  assert.ok(test(moved, 13, 64));
  assert.ok(test(moved, 13, 20));
  assert.ok(!test(moved, 13, 19));
});

const refused: [row: Row, code: string, message: RegExp][] = [
  [
    ["uid", "eq", 0],
    "unknown_field",
    /field "uid": the fields are id, result, pid, .*address.port/,
  ],
  [["address.prot", "eq", 0], "unknown_field", /field "address.prot"/],
  [["pid.x", "eq", 0], "unknown_field", /field "pid.x"/],
  [["__proto__", "eq", 0], "unknown_field", /field "__proto__"/],
  [["pid", "eq", 1.5], "value_out_of_range", /value is 1.5, an integer/],
  [["pid", "eq", "nginx"], "value_out_of_range", /value is "nginx", an integer/],
  [["pid", "eq", true], "value_out_of_range", /value is true/],
  [["state", "eq", "SLOW"], "value_out_of_range", /or one of IDLE, BUSY is wanted/],
  [["load", "eq", "fast"], "value_out_of_range", /a number is wanted/],
  [["comm", "eq", 7], "value_out_of_range", /value is 7, text is wanted/],
  [["pid", "contains", "1"], "invalid_arguments", /with contains: it is a number/],
  [["load", "prefix", "1"], "invalid_arguments", /with prefix/],
  [["args", "lt", "a"], "invalid_arguments", /"args" with lt: it is a list of texts/],
  [["address", "eq", 1], "invalid_arguments", /"address": it is a struct/],
  [["address.bytes", "eq", 1], "invalid_arguments", /"address.bytes": it is an array/],
];

Deno.test("compilePredicate refuses a comparison that could never be answered", () => {
  for (const [row, code, message] of refused) {
    assert.throws(() => passes(row), (error) => {
      assert.ok(error instanceof EBPFError, String(error));
      assert.deepEqual([error.category, error.code], ["validation", code]);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("compilePredicate orders integers of every size exactly", () => {
  const numeric = OPERATORS.filter((op) => op !== "contains" && op !== "prefix");
  const size = fc.constantFrom(1, 2, 4, 8, 16);
  const integers = fc.tuple(size, fc.boolean(), fc.constantFrom(...numeric)).chain(
    ([size, signed, op]) => {
      const bits = BigInt(size * 8);
      const least = signed ? -(1n << bits - 1n) : 0n;
      const most = least + (1n << bits) - 1n;
      const near = fc.bigInt({ min: -2n, max: 2n });
      const value = fc.bigInt({ min: least, max: most });
      return fc.tuple(fc.constant({ size, signed, op }), value, near, fc.boolean());
    },
  );
  fc.assert(
    fc.property(integers, ([{ size, signed, op }, value, near, isFar]) => {
      const builder = new BtfBuilder();
      const int = builder.int("number", size, { signed });
      const type = builder.struct("s", size, [{ name: "n", type: int, offset: 0 }]);
      const wanted = isFar ? near : value + near;
      const bytes = Uint8Array.from({ length: size }, (_, index) => {
        return Number(value >> BigInt(index * 8) & 0xffn);
      });
      const comparison: Comparison = { field: "n", op, value: wanted.toString() };
      const predicate = compilePredicate(Btf.parse(builder.bytes()), type, [comparison]);
      const holds: Record<string, boolean> = {
        eq: value === wanted,
        ne: value !== wanted,
        lt: value < wanted,
        le: value <= wanted,
        gt: value > wanted,
        ge: value >= wanted,
      };
      assert.equal(predicate(bytes, 0, size), holds[op]);
    }),
    { numRuns: 500 },
  );
});
