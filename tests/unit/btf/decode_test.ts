import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import { compileDecoder, type JsonValue } from "../../../src/btf/decode.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

type Build = (builder: BtfBuilder) => number;

/** Decodes the whole of `bytes`. */
function decode(build: Build, bytes: ArrayLike<number>): JsonValue {
  const builder = new BtfBuilder();
  const type = build(builder);
  const record = Uint8Array.from(bytes);
  return compileDecoder(Btf.parse(builder.bytes()), type)(record, 0, record.length);
}

/** The bytes of an integer. */
function le(value: bigint, size: number): number[] {
  return Array.from({ length: size }, (_, index) => Number(value >> BigInt(index * 8) & 0xffn));
}

function int(size: number, signed = false): Build {
  return (builder) => builder.int("number", size, { signed });
}

function chars(count: number): Build {
  return (builder) => builder.array(builder.int("char", 1, { signed: true }), count);
}

function utf8(text: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  new TextEncoder().encodeInto(text, bytes);
  return bytes;
}

const state: Build = (builder) => builder.enumeration("state", 4, { IDLE: 0, BUSY: 1, LAZY: 1 });

const values: [title: string, build: Build, bytes: ArrayLike<number>, value: JsonValue][] = [
  ["u8", int(1), [0xff], 255],
  ["s8", int(1, true), [0xff], -1],
  ["u16", int(2), [0x34, 0x82], 0x8234],
  ["s16", int(2, true), [0, 0x80], -32768],
  ["u32", int(4), le(0xffff_ffffn, 4), 4294967295],
  ["s32", int(4, true), le(-5n, 4), -5],
  ["u64 that is exact", int(8), le(2n ** 53n - 1n, 8), 9007199254740991],
  ["u64 that is not", int(8), le(2n ** 53n, 8), "9007199254740992"],
  ["the largest u64", int(8), le(2n ** 64n - 1n, 8), "18446744073709551615"],
  ["s64 that is exact", int(8, true), le(-(2n ** 53n) + 1n, 8), -9007199254740991],
  ["s64 that is not", int(8, true), le(-(2n ** 53n), 8), "-9007199254740992"],
  ["the least s64", int(8, true), le(-(2n ** 63n), 8), "-9223372036854775808"],
  ["u128", int(16), le(2n ** 128n - 1n, 16), (2n ** 128n - 1n).toString()],
  ["s128", int(16, true), le(-7n, 16), -7],
  ["true", (b) => b.int("_Bool", 1, { bool: true }), [2], true],
  ["false", (b) => b.int("_Bool", 1, { bool: true }), [0], false],
  ["an int of 24 bits", (b) => b.int("u24", 4, { bits: 24 }), [1, 2, 3, 0xff], 0x030201],
  ["float", (b) => b.float("float", 4), [0, 0, 0x20, 0xc0], -2.5],
  ["half float", (b) => b.float("_Float16", 2), [0, 0x3c], 1],
  ["double", (b) => b.float("double", 8), new Uint8Array(Float64Array.of(0.1).buffer), 0.1],
  ["-0", (b) => b.float("double", 8), new Uint8Array(Float64Array.of(-0).buffer), 0],
  ["NaN", (b) => b.float("double", 8), new Uint8Array(Float64Array.of(NaN).buffer), "NaN"],
  ["infinity", (b) => b.float("float", 4), [0, 0, 0x80, 0xff], "-Infinity"],
  [
    "long double",
    (b) => b.float("long double", 16),
    le(0x4000n, 16),
    `0x${"4000".padStart(32, "0")}`,
  ],
  ["a pointer", (b) => b.ptr(0), le(0xffff_8881_0000_0abcn, 8), "0xffff888100000abc"],
  ["NULL", (b) => b.ptr(0), le(0n, 8), "0x0"],
  ["an enumerator", state, [1, 0, 0, 0], "BUSY"],
  ["a number without a name", state, [9, 0, 0, 0], 9],
  ["a negative enumerator", (b) => b.enumeration("e", 4, { LOST: -1 }), le(-1n, 4), "LOST"],
  ["an enum of one byte", (b) => b.enumeration("e", 1, { LOST: -1 }), [0xff], "LOST"],
  ["enum64", (b) => b.enum64("e", { TOP: 2n ** 63n }), le(2n ** 63n, 8), "TOP"],
  ["enum64 without a name", (b) => b.enum64("e", { TOP: 1n }), le(2n ** 63n, 8), `${2n ** 63n}`],
  ["text", chars(8), utf8("bash", 8), "bash"],
  ["text without NUL", chars(4), utf8("bash", 4), "bash"],
  ["text behind a NUL", chars(8), [0x61, 0, 0x62, 0x63, 0, 0, 0, 0], "a"],
  ["text with quotes and newlines", chars(8), utf8('a"b\n', 8), 'a"b\\x0a'],
  ["text that would move a cursor", chars(8), utf8("\x1b[2J\x7f", 8), "\\x1b[2J\\x7f"],
  ["C1 controls", chars(8), utf8("a\u009b1m", 8), "a\\x9b1m"],
  ["text that turns around", chars(12), utf8("a\u202eb\u2066", 12), "a\\u{202e}b\\u{2066}"],
  ["invalid UTF-8", chars(4), [0x61, 0xff, 0xc3, 0], "a\ufffd\ufffd"],
  ["UTF-8", chars(8), utf8("tâche", 8), "tâche"],
  ["a byte order mark", chars(4), [0xef, 0xbb, 0xbf, 0x61], "\ufeffa"],
  ["u8[]", (b) => b.array(b.int("unsigned char", 1), 3), [1, 0, 255], [1, 0, 255]],
  ["signed char[]", (b) => b.array(b.int("signed char", 1, { signed: true }), 2), [1, 255], [
    1,
    -1,
  ]],
  ["an int tagged as char", (b) => b.array(b.int("byte", 1, { char: true }), 2), [0x61, 0], "a"],
  [
    "a typedef of const char[]",
    (b) => {
      return b.typedef("comm_t", b.array(b.const(b.int("char", 1)), 4));
    },
    utf8("abc", 4),
    "abc",
  ],
  ["int[2][3]", (b) => b.array(b.array(b.int("int", 1), 3), 2), [1, 2, 3, 4, 5, 6], [
    [1, 2, 3],
    [4, 5, 6],
  ]],
  ["char[2][4]", (b) => b.array(b.array(b.int("char", 1), 4), 2), utf8("ab\0\0cd", 8), [
    "ab",
    "cd",
  ]],
  ["an empty struct", (b) => b.struct("empty", 0, []), [], {}],
];

Deno.test("compileDecoder turns bytes into the value that C means", () => {
  for (const [title, build, bytes, value] of values) {
    assert.deepStrictEqual(decode(build, bytes), value, title);
  }
});

Deno.test("compileDecoder reads bitfields across bytes, with sign, names and booleans", () => {
  const build: Build = (b) => {
    const [u32, s32] = [b.int("unsigned int", 4), b.int("int", 4, { signed: true })];
    const u64 = b.int("unsigned long long", 8);
    const bool = b.int("_Bool", 1, { bool: true });
    return b.struct("bits", 16, [
      { name: "low", type: u32, bitOffset: 0, bitSize: 3 },
      { name: "signed", type: s32, bitOffset: 3, bitSize: 9 },
      { name: "state", type: state(b), bitOffset: 12, bitSize: 2 },
      { name: "on", type: bool, bitOffset: 14, bitSize: 1 },
      { name: "word", type: u32, bitOffset: 15, bitSize: 32 },
      { name: "wide", type: u64, bitOffset: 64, bitSize: 60 },
      { name: "plain", type: bool, bitOffset: 124, bitSize: 4 },
    ]);
  };
  const wide = 2n ** 60n - 2n;
  const bits = 5n | (0x1fdn << 3n) | (1n << 12n) | (1n << 14n) | (0xdeadbeefn << 15n) |
    (wide << 64n) | (8n << 124n);
  assert.deepStrictEqual(decode(build, le(bits, 16)), {
    low: 5,
    signed: -3,
    state: "BUSY",
    on: true,
    word: 0xdeadbeef,
    wide: wide.toString(),
    plain: true,
  });
});

Deno.test("compileDecoder reads bitfields as old compilers describe them", () => {
  const build: Build = (b) => {
    const three = b.int("int", 4, { bits: 3, signed: true });
    const five = b.int("int", 4, { bits: 5, bitOffset: 3 });
    return b.struct("old", 4, [
      { name: "three", type: three, bitOffset: 0 },
      { name: "five", type: five, bitOffset: 0 },
    ]);
  };
  assert.deepStrictEqual(decode(build, [0b10101_111, 0, 0, 0]), { three: -1, five: 0b10101 });
});

Deno.test("compileDecoder flattens anonymous members and keeps every member of a union", () => {
  const build: Build = (b) => {
    const [u32, u8] = [b.int("unsigned int", 4), b.int("unsigned char", 1)];
    const pair = b.struct("", 4, [
      { name: "a", type: u8, offset: 0 },
      { name: "b", type: u8, offset: 3 },
    ]);
    const anonymous = b.union("", 4, [
      { name: "word", type: u32, offset: 0 },
      { name: "", type: pair, offset: 0 },
    ]);
    const named = b.union("address", 4, [
      { name: "v4", type: u32, offset: 0 },
      { name: "bytes", type: b.array(u8, 4), offset: 0 },
    ]);
    return b.struct("event", 12, [
      { name: "pid", type: u32, offset: 0 },
      { name: "", type: anonymous, offset: 4 },
      { name: "address", type: named, offset: 8 },
    ]);
  };
  assert.deepStrictEqual(decode(build, [7, 0, 0, 0, 1, 0, 0, 2, 127, 0, 0, 1]), {
    pid: 7,
    word: 0x02000001,
    a: 1,
    b: 2,
    address: { v4: 0x0100007f, bytes: [127, 0, 0, 1] },
  });
});

Deno.test("compileDecoder decodes a section of variables as an object", () => {
  const build: Build = (b) => {
    const u64 = b.int("unsigned long long", 8);
    const dropped = b.variable("dropped", u64);
    const limit = b.variable("limit", b.const(b.volatile(u64)));
    return b.datasec(".bss", 16, [
      { variable: dropped, offset: 0, size: 8 },
      { variable: limit, offset: 8, size: 8 },
    ]);
  };
  assert.deepStrictEqual(decode(build, [...le(3n, 8), ...le(9n, 8)]), { dropped: 3, limit: 9 });
});

Deno.test("compileDecoder gives hostile member names as ordinary fields", () => {
  const names = ["__proto__", 'quo"te', "back\\slash", "`${x}`", "constructor", "line\u2028"];
  const build: Build = (b) => {
    const u8 = b.int("unsigned char", 1);
    return b.struct("s", 6, names.map((name, offset) => ({ name, type: u8, offset })));
  };
  const value = decode(build, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(Object.entries(value ?? {}), names.map((name, index) => [name, index + 1]));
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

/** pid, then a name, then at the end an array of u16. */
const shortRecord = (count: number): Build => (b) => {
  const [u32, u16] = [b.int("unsigned int", 4), b.int("unsigned short", 2)];
  return b.struct("event", 12 + count * 2, [
    { name: "pid", type: u32, offset: 0 },
    { name: "inner", type: b.struct("inner", 4, [{ name: "x", type: u32, offset: 0 }]), offset: 4 },
    { name: "comm", type: b.array(b.int("char", 1), 4), offset: 8 },
    { name: "ports", type: b.array(u16, count), offset: 12 },
  ]);
};

Deno.test("compileDecoder leaves out what a short record lacks and cuts its last array", () => {
  const bytes = [1, 0, 0, 0, 2, 0, 0, 0, 0x61, 0x62, 0, 0, 3, 0, 4, 0];
  const rows: [length: number, value: JsonValue][] = [
    [16, { pid: 1, inner: { x: 2 }, comm: "ab", ports: [3, 4] }],
    [15, { pid: 1, inner: { x: 2 }, comm: "ab", ports: [3] }],
    [12, { pid: 1, inner: { x: 2 }, comm: "ab", ports: [] }],
    [9, { pid: 1, inner: { x: 2 }, comm: "a" }],
    [8, { pid: 1, inner: { x: 2 } }],
    [7, { pid: 1, inner: {} }],
    [4, { pid: 1 }],
    [3, {}],
    [0, null],
  ];
  for (const [length, value] of rows) {
    assert.deepStrictEqual(decode(shortRecord(2), bytes.slice(0, length)), value, `${length}`);
  }
});

Deno.test("compileDecoder takes what is there for a flexible array", () => {
  const bytes = [1, 0, 0, 0, 2, 0, 0, 0, 0x61, 0x62, 0, 0, 3, 0, 4, 0, 5, 0, 6];
  assert.deepStrictEqual(decode(shortRecord(0), bytes), {
    pid: 1,
    inner: { x: 2 },
    comm: "ab",
    ports: [3, 4, 5],
  });
});

Deno.test("compileDecoder gives null for a single value that is not whole", () => {
  assert.equal(decode(int(4), [1, 2, 3]), null);
});

Deno.test("compileDecoder reads only the record it is asked for", () => {
  const builder = new BtfBuilder();
  const type = int(4)(builder);
  const decoder = compileDecoder(Btf.parse(builder.bytes()), type);
  const bytes = Uint8Array.of(9, 9, 1, 0, 0, 0, 9);
  assert.equal(decoder(bytes, 2, 4), 1);
  assert.equal(decoder(bytes, 2, 3), null);
  assert.equal(decoder(bytes, 4, 400), null); // no further than the bytes go
});

const argv = (count: number): Build => (b) => {
  const args = b.array(b.int("char", 1), count);
  const event = b.struct("event", 4 + count, [
    { name: "pid", type: b.int("unsigned int", 4), offset: 0 },
    { name: "args", type: args, offset: 4 },
  ]);
  b.declTag("argv", event, 1);
  return event;
};

Deno.test("compileDecoder gives a char array tagged argv as its texts", () => {
  const rows: [title: string, size: number, text: string, args: string[]][] = [
    ["filled up with zeros", 16, "ls\0-l\0\0\0\0\0\0\0\0\0\0\0", ["ls", "-l"]],
    ["full", 5, "ls\0-l", ["ls", "-l"]],
    ["an empty one within", 8, "a\0\0b\0\0\0\0", ["a", "", "b"]],
    ["none", 4, "\0\0\0\0", []],
    ["cut by the record, where every NUL closes one", 16, "ls\0\0", ["ls", ""]],
    ["flexible", 0, "ls\0-l\0", ["ls", "-l"]],
    ["made visible", 8, "\x1b[1m\0x\0\0", ["\\x1b[1m", "x"]],
  ];
  for (const [title, size, text, args] of rows) {
    const bytes = [1, 0, 0, 0, ...new TextEncoder().encode(text)];
    assert.deepStrictEqual(decode(argv(size), bytes), { pid: 1, args }, title);
  }
});

Deno.test("compileDecoder walks types with too many members to compile", () => {
  const build: Build = (b) => {
    const u8 = b.int("unsigned char", 1);
    const members = Array.from({ length: 5000 }, (_, offset) => {
      return { name: `m${offset}`, type: u8, offset };
    });
    return b.struct("large", 5000, members);
  };
  const value = decode(build, new Uint8Array(5000).fill(7));
  assert.equal(Object.keys(value ?? {}).length, 5000);
});
