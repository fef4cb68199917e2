import assert from "node:assert/strict";
import fc from "fast-check";
import { Btf } from "../../../src/btf/btf.ts";
import { compileDecoder } from "../../../src/btf/decode.ts";
import { eventTypeCandidates, findEventType } from "../../../src/btf/event_types.ts";
import { fieldsOf } from "../../../src/btf/fields.ts";
import { compileJsonWriter } from "../../../src/btf/json_writer.ts";
import { typeText } from "../../../src/btf/type_text.ts";
import { EBPFError } from "../../../src/errors.ts";
import { BtfBuilder, info } from "../../support/btf_builder.ts";

/** A header whose fields are as given, and nothing else. */
function header(fields: { magic?: number; version?: number; words?: number[] }): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, fields.magic ?? 0xeb9f, true);
  bytes[2] = fields.version ?? 1;
  const words = fields.words ?? [24, 0, 0, 0, 1];
  words.forEach((word, index) => view.setUint32(4 + index * 4, word, true));
  return bytes;
}

function built(build: (builder: BtfBuilder) => void): Uint8Array {
  const builder = new BtfBuilder();
  build(builder);
  return builder.bytes();
}

/** One empty type section and two bytes of strings. */
function startingWith(byte: number): Uint8Array {
  const bytes = header({ words: [24, 0, 0, 0, 2] });
  bytes[24] = byte;
  return bytes;
}

const refused: [title: string, bytes: Uint8Array, message: RegExp][] = [
  ["no bytes", new Uint8Array(), /0 bytes, a header wants 24/],
  ["half a header", header({}).slice(0, 20), /20 bytes/],
  ["another magic", header({ magic: 0x457f }), /magic is 0x457f/],
  ["the other byte order", header({ magic: 0x9feb }), /big-endian/],
  ["another version", header({ version: 2 }), /version is 2/],
  ["a short header length", header({ words: [8, 0, 0, 0, 1] }), /header length is 8/],
  ["types that are not aligned", header({ words: [25, 0, 0, 0, 1] }), /not aligned/],
  ["types past the end", header({ words: [24, 0, 400, 0, 1] }), /types end at 424/],
  ["types at 4 GiB", header({ words: [24, 0xfffffffc, 4, 0, 1] }), /types end at/],
  ["strings past the end", header({ words: [24, 0, 0, 0, 400] }), /strings end at 424/],
  ["no strings", header({ words: [24, 0, 0, 0, 0] }), /no strings/],
  ["a last string without end", built((b) => b.int("int", 4)).fill(0x41, -1), /does not end/],
  ["a first string that is not empty", startingWith(7), /first string is not empty/],
  ["an unknown kind", built((b) => b.raw(0, info(20, 0), 0)), /type 1 has the unknown kind 20/],
  ["a type of kind void", built((b) => b.raw(0, 0, 0)), /unknown kind 0/],
  ["an int without its word", built((b) => b.raw(0, info(1, 0), 4)), /type 1 is cut off/],
  ["members past the end", built((b) => b.raw(0, info(4, 65535), 4)), /type 1 is cut off/],
  ["a name past the strings", built((b) => b.raw(999, info(2, 0), 0)), /a name is at 999/],
  [
    "a member's name past the strings",
    built((b) => b.raw(0, info(4, 1), 4, 999, 1, 0)),
    /a name is at 999/,
  ],
  ["a reference past the types", built((b) => b.ptr(7)), /refers to type 7, there are 2/],
  [
    "a member's type past the types",
    built((b) => b.raw(0, info(4, 1), 4, 0, 9, 0)),
    /refers to type 9/,
  ],
  [
    "a section's variable past the types",
    built((b) => b.raw(0, info(15, 1), 4, 8, 0, 4)),
    /refers to type 8/,
  ],
];

Deno.test("Btf.parse refuses bytes that contradict themselves, and says why", () => {
  for (const [title, bytes, message] of refused) {
    assert.throws(() => Btf.parse(bytes), (error) => {
      assert.ok(error instanceof EBPFError, title);
      assert.deepEqual([error.category, error.code], ["validation", "invalid_btf"], title);
      assert.match(error.message, message, title);
      return true;
    }, title);
  }
});

const undecodable: [title: string, build: (b: BtfBuilder) => number, code: string][] = [
  ["a struct inside itself", (b) => {
    return b.struct("loop", 8, [{ name: "self", type: 1, offset: 0 }]);
  }, "invalid_btf"],
  ["two structs inside each other", (b) => {
    b.struct("one", 8, [{ name: "two", type: 2, offset: 0 }]);
    return b.struct("two", 8, [{ name: "", type: 1, offset: 0 }]);
  }, "invalid_btf"],
  ["typedefs in a circle", (b) => {
    b.typedef("one", 2);
    return b.typedef("two", 1);
  }, "invalid_btf"],
  ["a const of itself", (b) => b.const(1), "invalid_btf"],
  ["an array of itself", (b) => b.array(1, 2), "invalid_btf"],
  ["an array whose size overflows", (b) => {
    const inner = b.array(b.int("int", 4), 0xffff_ffff);
    return b.array(inner, 0xffff_ffff);
  }, "invalid_btf"],
  ["a thousand million empty structs", (b) => {
    return b.array(b.struct("empty", 0, []), 1_000_000_000);
  }, "limit_exceeded"],
  ["unions that double at each of thirty levels", (b) => {
    let type = b.int("int", 4);
    for (let level = 0; level < 30; level++) {
      const members = ["a", "b"].map((name) => ({ name, type, offset: 0 }));
      type = b.union(`u${level}`, 4, members);
    }
    return type;
  }, "limit_exceeded"],
  ["anonymous unions that double at each of thirty levels", (b) => {
    let type = b.union("", 4, [{ name: "value", type: b.int("int", 4), offset: 0 }]);
    for (let level = 0; level < 30; level++) {
      const members = ["", ""].map((name) => ({ name, type, offset: 0 }));
      type = b.union("", 4, members);
    }
    return type;
  }, "limit_exceeded"],
  ["a member outside its struct", (b) => {
    const int = b.int("int", 4);
    return b.struct("small", 4, [{ name: "far", type: int, offset: 4 }]);
  }, "invalid_btf"],
  ["an anonymous member outside its struct", (b) => {
    const inner = b.struct("", 8, []);
    return b.struct("small", 4, [{ name: "", type: inner, offset: 0 }]);
  }, "invalid_btf"],
  ["a variable outside its section", (b) => {
    const variable = b.variable("far", b.int("int", 4));
    return b.datasec(".bss", 4, [{ variable, offset: 2, size: 4 }]);
  }, "invalid_btf"],
  ["a section that no linker has laid out", (b) => {
    const variable = b.variable("early", b.int("int", 4));
    return b.datasec(".bss", 0, [{ variable, offset: 0, size: 4 }]);
  }, "invalid_btf"],
  ["a member that begins within a byte", (b) => {
    const int = b.int("int", 4);
    return b.struct("s", 8, [{ name: "odd", type: int, bitOffset: 3 }]);
  }, "invalid_btf"],
  ["a bitfield wider than its type", (b) => {
    const int = b.int("int", 4);
    return b.struct("s", 8, [{ name: "wide", type: int, bitOffset: 0, bitSize: 40 }]);
  }, "invalid_btf"],
  ["a bitfield of a float", (b) => {
    const double = b.float("double", 8);
    return b.struct("s", 8, [{ name: "bits", type: double, bitOffset: 0, bitSize: 4 }]);
  }, "invalid_btf"],
  ["an int of 200 bits", (b) => b.int("int", 32, { bits: 200 }), "invalid_btf"],
  ["an int of no bits", (b) => b.int("int", 4, { bits: 0 }), "invalid_btf"],
  ["an enum of three bytes", (b) => b.enumeration("e", 3, {}), "invalid_btf"],
  ["a float of three bytes", (b) => b.float("f", 3), "invalid_btf"],
  ["a member that is void", (b) => {
    return b.struct("s", 4, [{ name: "nothing", type: 0, offset: 0 }]);
  }, "invalid_btf"],
  ["a member that is only declared", (b) => {
    const fwd = b.fwd("later", "struct");
    return b.struct("s", 4, [{ name: "later", type: fwd, offset: 0 }]);
  }, "invalid_btf"],
];

Deno.test("compileDecoder refuses types without an end or a place, in bounded time", () => {
  for (const [title, build, code] of undecodable) {
    const builder = new BtfBuilder();
    const type = build(builder);
    const btf = Btf.parse(builder.bytes());
    assert.throws(() => compileDecoder(btf, type), (error) => {
      assert.ok(error instanceof EBPFError, `${title}: ${error}`);
      assert.equal(error.code, code, `${title}: ${error.message}`);
      return true;
    }, title);
  }
});

Deno.test("Btf refuses a name that has no end within a kilobyte", () => {
  const builder = new BtfBuilder();
  const id = builder.struct("n".repeat(5000), 0, []);
  const btf = Btf.parse(builder.bytes());
  assert.throws(() => btf.name(id), /longer than 1024 bytes/);
});

Deno.test("typeText ends for types that refer to themselves", () => {
  const builder = new BtfBuilder();
  builder.ptr(1);
  const prototype = builder.raw(0, info(13, 2), 2, 0, 2, 0, 2);
  const btf = Btf.parse(builder.bytes());
  assert.match(typeText(btf, 1), /…/);
  assert.ok(typeText(btf, prototype).length < 1000);
});

Deno.test("Btf keeps fields with the same name apart, and unnamed ones too", () => {
  const builder = new BtfBuilder();
  const int = builder.int("unsigned int", 4);
  const type = builder.struct("twins", 12, [
    { name: "id", type: int, offset: 0 },
    { name: "id", type: int, offset: 4 },
    { name: "", type: int, offset: 8 },
  ]);
  const btf = Btf.parse(builder.bytes());
  const bytes = Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0);
  const value = compileDecoder(btf, type)(bytes, 0, 12);
  assert.deepEqual(value, { id: 1, id__2: 2, unnamed_64: 3 });
});

/** Uses all there is; true when it was BTF, false when it was refused as it should be. */
function isRead(bytes: Uint8Array): boolean {
  try {
    const btf = Btf.parse(bytes);
    for (let id = 0; id < btf.typeCount; id++) useType(btf, id);
    eventTypeCandidates(btf);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function useType(btf: Btf, id: number): void {
  const record = new Uint8Array(64).fill(0x41);
  const uses = [
    () => btf.find(btf.name(id)),
    () => typeText(btf, id),
    () => btf.sizeOf(id),
    () => fieldsOf(btf, id),
    () => compileDecoder(btf, id)(record, 0, 64),
    () => {
      const writer = compileJsonWriter(btf, id);
      if (writer.maxBytes(64) < 1 << 20) {
        writer.write(new Uint8Array(writer.maxBytes(64)), 0, record, 0, 64);
      }
    },
    () => findEventType(btf, btf.name(id)),
  ];
  for (const use of uses) {
    try {
      use();
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
}

function isRefusal(error: unknown): boolean {
  const codes = ["invalid_btf", "limit_exceeded", "unknown_event_type"];
  return error instanceof EBPFError && codes.includes(error.code);
}

const sample = built((builder) => {
  const int = builder.int("int", 4, { signed: true });
  const text = builder.array(builder.int("char", 1), 8);
  const state = builder.enumeration("state", 4, { IDLE: 0, BUSY: 1 });
  const anonymous = builder.union("", 4, [{ name: "state", type: state, offset: 0 }]);
  const event = builder.struct("event", 16, [
    { name: "pid", type: int, bitOffset: 0, bitSize: 20 },
    { name: "", type: anonymous, bitOffset: 32 },
    { name: "comm", type: text, bitOffset: 64 },
  ]);
  const variable = builder.variable("type", builder.ptr(builder.typedef("event_t", event)));
  builder.datasec(".event_types", 8, [{ variable, offset: 0, size: 8 }]);
  builder.declTag("argv", event, 2);
});

Deno.test("Btf reads or refuses its bytes with any of them changed", () => {
  assert.ok(isRead(sample));
  const changes = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(changes, fc.nat(sample.length), (changed, cut) => {
      const bytes = sample.slice(0, cut % 4 === 0 ? cut : sample.length);
      for (const [at, byte] of changed) {
        if (at < bytes.length) bytes[at] = byte;
      }
      isRead(bytes);
    }),
    { numRuns: 1500 },
  );
});

Deno.test("Btf reads or refuses any words behind a sound header", () => {
  const word = fc.oneof(fc.nat(12), fc.integer(), fc.nat(19).map((kind) => info(kind, 2)));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const builder = new BtfBuilder();
      builder.string("name");
      for (let at = 0; at + 3 <= words.length; at += 3) {
        builder.raw(words[at], words[at + 1], words[at + 2]);
      }
      isRead(builder.bytes());
    }),
    { numRuns: 1500 },
  );
});
