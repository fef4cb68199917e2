import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import { encodeValue } from "../../../src/btf/encode.ts";
import { EBPFError, type ErrorCode } from "../../../src/errors.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

type Build = (builder: BtfBuilder) => number;

function encode(build: Build, value: unknown): number[] {
  const builder = new BtfBuilder();
  const type = build(builder);
  return [...encodeValue(Btf.parse(builder.bytes()), type, value, "subject")];
}

function int(size: number, signed = false): Build {
  return (builder) => builder.int("number", size, { signed });
}

const bool: Build = (b) => b.int("_Bool", 1, { bool: true });
const state: Build = (b) => b.enumeration("state", 4, { IDLE: 0, BUSY: 1, LOST: -1 });
const comm: Build = (b) => b.array(b.int("char", 1, { signed: true }), 4);
const bytes: Build = (b) => b.array(b.int("unsigned char", 1), 4);

const endpoint: Build = (b) => {
  const [u8, u16, u32] = [b.int("u8", 1), b.int("u16", 2), b.int("u32", 4)];
  const address = b.union("address", 4, [
    { name: "v4", type: u32, offset: 0 },
    { name: "bytes", type: b.array(u8, 4), offset: 0 },
  ]);
  return b.struct("endpoint", 8, [
    { name: "address", type: address, bitOffset: 0 },
    { name: "port", type: u16, bitOffset: 32 },
    { name: "on", type: bool(b), bitOffset: 48, bitSize: 1 },
    { name: "level", type: u8, bitOffset: 49, bitSize: 5 },
  ]);
};

const args: Build = (b) => {
  const type = b.struct("event", 6, [{ name: "args", type: comm(b), offset: 1 }]);
  b.declTag("argv", type, 0);
  return type;
};

const written: [title: string, build: Build, value: unknown, bytes: number[]][] = [
  ["a number", int(4), 0x01020304, [4, 3, 2, 1]],
  ["a negative number", int(2, true), -2, [0xfe, 0xff]],
  ["decimal text", int(8), "18446744073709551615", Array(8).fill(0xff)],
  ["negative decimal text", int(8, true), "-9223372036854775808", [0, 0, 0, 0, 0, 0, 0, 0x80]],
  ["hexadecimal text", int(4), "0xdeadbeef", [0xef, 0xbe, 0xad, 0xde]],
  ["a bigint", int(16), 1n << 120n, [...Array(15).fill(0), 1]],
  ["true", bool, true, [1]],
  ["0 as false", bool, 0, [0]],
  ["an enumerator", state, "LOST", [0xff, 0xff, 0xff, 0xff]],
  ["an enum's number", state, 7, [7, 0, 0, 0]],
  ["a pointer", (b) => b.ptr(0), "0x10", [16, 0, 0, 0, 0, 0, 0, 0]],
  ["a float", (b) => b.float("float", 4), -2.5, [0, 0, 0x20, 0xc0]],
  ["text", comm, "ab", [0x61, 0x62, 0, 0]],
  ["text as long as its array", comm, "abcd", [0x61, 0x62, 0x63, 0x64]],
  ["text in UTF-8", comm, "é", [0xc3, 0xa9, 0, 0]],
  ["a char array as numbers", comm, [-1, 255], [255, 255, 0, 0]],
  ["an array", bytes, [1, 2, 3, 4], [1, 2, 3, 4]],
  ["a shorter array", bytes, [1], [1, 0, 0, 0]],
  ["argv", args, { args: ["a", "b"] }, [0, 0x61, 0, 0x62, 0, 0]],
  ["a struct", endpoint, { port: 80, level: 3, on: true }, [0, 0, 0, 0, 80, 0, 7, 0]],
  ["a struct without members", endpoint, {}, Array(8).fill(0)],
  ["a member of a union", endpoint, { address: { bytes: [127, 0, 0, 1] } }, [
    ...[127, 0, 0, 1],
    ...[0, 0, 0, 0],
  ]],
  ["members of a union that agree", endpoint, {
    address: { v4: 0x0100007f, bytes: [127, 0, 0, 1] },
  }, [127, 0, 0, 1, 0, 0, 0, 0]],
];

Deno.test("encodeValue writes the bytes that C has for a value", () => {
  for (const [title, build, value, expected] of written) {
    assert.deepEqual(encode(build, value), expected, title);
  }
});

const refused: [build: Build, value: unknown, message: RegExp, code?: ErrorCode][] = [
  [int(1), 256, /Cannot set "subject": value is 256, unsigned 8-bit takes 0 to 255/],
  [int(4), -1, /value is -1, unsigned 32-bit takes 0 to 4294967295/],
  [int(4, true), 2147483648, /value is 2147483648, signed 32-bit takes -2147483648 to 2147483647/],
  [int(8), "18446744073709551616", /takes 0 to 18446744073709551615/],
  [int(8), 2 ** 53, /value is 9007199254740992, an integer \(decimal text beyond 2\^53-1\)/],
  [int(4), 1.5, /value is 1.5, an integer/],
  [int(4), "many", /value is "many", an integer/],
  [int(4), "", /value is "", an integer/],
  [int(4), null, /value is null/],
  [int(4), [1], /value is \[1\]/],
  [int(4), true, /value is true/],
  [bool, 2, /value is 2, true or false is wanted/],
  [bool, "true", /value is "true", true or false/],
  [state, "SLOW", /value is "SLOW", one of IDLE, BUSY, LOST is wanted/],
  [state, 2 ** 31, /signed 32-bit takes/],
  [comm, "abcde", /value has 5 bytes, char\[4\] takes 4/],
  [comm, "a\0b", /text without NUL is wanted/],
  [comm, [1, 2, 3, 4, 5], /value has 5 elements, the array takes 4/],
  [comm, [256], /"subject\[0\]": value is 256, unsigned 8-bit/],
  [bytes, [1, 2, 3, 4, 5], /value has 5 elements, the array takes 4/],
  [bytes, [0, 999], /Cannot set "subject\[1\]": value is 999/],
  [bytes, "abcd", /value is "abcd", an array is wanted/],
  [args, { args: ["abc", "d"] }, /Cannot set "subject.args": value has 6 bytes/],
  [args, { args: ["a", 1] }, /text without NUL is wanted/],
  [endpoint, 7, /value is 7, an object is wanted/],
  [
    endpoint,
    { level: 32 },
    /Cannot set "subject.level": value is 32, unsigned 5-bit takes 0 to 31/,
  ],
  [
    endpoint,
    { prot: 80 },
    /"prot": the fields are address.v4, address.bytes, port/,
    "unknown_field",
  ],
  [endpoint, { address: { v4: 1, bytes: [2] } }, /"subject.address.bytes\[0\]": .* given twice/],
  [(b) => b.float("float", 4), 1e300, /value is 1e\+300, float takes up to/],
  [(b) => b.float("float", 4), "1", /a number is wanted/],
  [(b) => b.float("long double", 16), 1, /floats of 16 bytes cannot be set/],
  [(b) => b.array(b.int("char", 1), 0x7fff_ffff), "a", /the limit is/, "limit_exceeded"],
];

Deno.test("encodeValue refuses what does not fit, naming the value and what is wanted", () => {
  for (const [build, value, message, code] of refused) {
    assert.throws(() => encode(build, value), (error) => {
      assert.ok(error instanceof EBPFError, String(error));
      assert.match(error.message, message);
      assert.equal(error.code, code ?? "value_out_of_range", error.message);
      assert.doesNotThrow(() => JSON.stringify(error.context));
      return true;
    });
  }
});
