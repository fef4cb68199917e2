// The decoder, the walk over the layout, the JSON writers and the encoder must tell the same story.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Btf } from "../../../src/btf/btf.ts";
import { compileDecoder } from "../../../src/btf/decode.ts";
import { encodeValue } from "../../../src/btf/encode.ts";
import { interpret, isPresent } from "../../../src/btf/interpret.ts";
import { compileJsonWriter } from "../../../src/btf/json_writer.ts";
import { layoutOf } from "../../../src/btf/layout_builder.ts";
import { recordSource } from "../../../src/btf/record_source.ts";
import { compileRowWriter } from "../../../src/btf/row_writer.ts";
import type { Layout } from "../../../src/btf/layout.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";
import { addRecord, buildRecord, randomRecord } from "./random_type.ts";

const text = new TextDecoder("utf-8", { fatal: true });

/** Words that are text, or at the edges of what a double or a sign holds. */
const someWord = fc.oneof(
  fc.constantFrom(0, 0, 1, -1, 0x1f_ffff, 0x20_0000, -0x20_0000, -0x20_0001, 0x7fff_ffff, 1 << 31),
  fc.constantFrom(0x44434241, 0x5c22, 0x1b41, 0x85c2, 0xff, 0x41004200, 0x0fc00000),
  fc.integer(),
);

/** Enough for most records, and often too few. */
const someBytes = fc.oneof(
  { arbitrary: fc.array(someWord, { minLength: 30, maxLength: 60 }), weight: 3 },
  { arbitrary: fc.array(someWord, { maxLength: 12 }), weight: 1 },
).chain((words) => {
  const bytes = new Uint8Array(Int32Array.from(words).buffer);
  return fc.nat(Math.min(3, bytes.length)).map((cut) => bytes.subarray(0, bytes.length - cut));
});

const case_ = fc.record({ plan: randomRecord, bytes: someBytes, offset: fc.nat(9) });

Deno.test("compileDecoder gives what a walk over the layout gives, for any type and bytes", () => {
  fc.assert(
    fc.property(case_, ({ plan, bytes, offset }) => {
      const { btf, type } = buildRecord(plan);
      const layout = layoutOf(btf, type);
      const start = Math.min(offset, bytes.length);
      const walked = isPresent(layout, bytes.length - start)
        ? interpret(layout, bytes, start, bytes.length)
        : null;
      const decoded = compileDecoder(btf, type)(bytes, start, bytes.length - start);
      assert.equal(JSON.stringify(decoded), JSON.stringify(walked));
      assert.deepStrictEqual(decoded, walked);
    }),
    { numRuns: 500 },
  );
});

Deno.test("compileDecoder gives values that survive JSON unchanged", () => {
  fc.assert(
    fc.property(case_, ({ plan, bytes }) => {
      const { btf, type } = buildRecord(plan);
      const decoded = compileDecoder(btf, type)(bytes, 0, bytes.length);
      assert.deepStrictEqual(JSON.parse(JSON.stringify(decoded)), decoded);
    }),
    { numRuns: 300 },
  );
});

Deno.test("compileJsonWriter writes the decoder's result, within the room it asks for", () => {
  fc.assert(
    fc.property(case_, ({ plan, bytes, offset }) => {
      const { btf, type } = buildRecord(plan);
      const start = Math.min(offset, bytes.length);
      const length = bytes.length - start;
      const expected = compileDecoder(btf, type)(bytes, start, length);
      const writer = compileJsonWriter(btf, type);
      const out = new Uint8Array(writer.maxBytes(length) + 8).fill(0xee);
      const end = writer.write(out, 4, bytes, start, bytes.length);
      assert.ok(end <= out.length - 4, `wrote ${end - 4} of ${writer.maxBytes(length)} bytes`);
      const written = text.decode(out.subarray(4, end));
      assert.equal(written, JSON.stringify(expected));
      assert.deepStrictEqual(JSON.parse(written), expected);
      assert.ok(out.subarray(0, 4).every((byte) => byte === 0xee));
    }),
    { numRuns: 500 },
  );
});

Deno.test("recordSource writes the same from aligned words as from bytes", () => {
  fc.assert(
    fc.property(case_, ({ plan, bytes }) => {
      const { btf, type } = buildRecord(plan);
      const memory = new Uint8Array(8 + Math.ceil(bytes.length / 4) * 4);
      memory.set(bytes, 8);
      const { statements, bindings, maxBytes } = recordSource(btf, type, {
        access: "words",
        prefix: "one_",
      });
      const body = `return (out,p,u8,u32,i32,o,end)=>{${statements};return p;}`;
      const write = new Function(...Object.keys(bindings), body)(...Object.values(bindings));
      const out = new Uint8Array(maxBytes(bytes.length));
      const words = [new Uint32Array(memory.buffer), new Int32Array(memory.buffer)];
      const end = write(out, 0, memory, ...words, 8, 8 + bytes.length);
      const expected = compileDecoder(btf, type)(bytes, 0, bytes.length);
      assert.equal(text.decode(out.subarray(0, end)), JSON.stringify(expected));
    }),
    { numRuns: 300 },
  );
});

Deno.test("compileRowWriter writes every key and value of a batch, however small the room", () => {
  const rows = fc.record({
    key: randomRecord,
    value: randomRecord,
    seed: fc.nat(),
    cpus: fc.constantFrom(null, 1, 3),
    count: fc.nat(5),
  });
  fc.assert(
    fc.property(rows, ({ key: keyPlan, value: valuePlan, seed, cpus, count }) => {
      const builder = new BtfBuilder();
      const [key, value] = [addRecord(builder, keyPlan), addRecord(builder, valuePlan)];
      const btf = Btf.parse(builder.bytes());
      const stride = cpus === null ? value.size : Math.ceil(value.size / 8) * 8;
      const types = { keyType: key.id, valueType: value.id };
      const sizes = { keySize: key.size, valueSize: value.size };
      const writer = compileRowWriter(btf, { ...types, ...sizes, cpus, separator: "\n" });
      const keys = noise(seed, key.size * count);
      const values = noise(seed + 1, stride * count * (cpus ?? 1));
      const decodeKey = compileDecoder(btf, key.id);
      const decodeValue = compileDecoder(btf, value.id);
      let written = "";
      for (let next = 0; next < count;) {
        const out = new Uint8Array(writer.maxBytes);
        const progress = writer.write({ keys, values, count }, next, out, 0);
        assert.ok(progress.next > next && progress.p <= out.length);
        written += text.decode(out.subarray(0, progress.p));
        next = progress.next;
      }
      const expected = Array.from({ length: count }, (_, row) => {
        const each = (cpu: number) => {
          return decodeValue(values, (row * (cpus ?? 1) + cpu) * stride, value.size);
        };
        const name = decodeKey(keys, row * key.size, key.size);
        return cpus === null
          ? { key: name, value: each(0) }
          : { key: name, values: Array.from({ length: cpus }, (_, cpu) => each(cpu)) };
      });
      assert.equal(written, expected.map((row) => `${JSON.stringify(row)}\n`).join(""));
    }),
    { numRuns: 200 },
  );
});

Deno.test("encodeValue turns what was decoded back into the same value", () => {
  fc.assert(
    fc.property(case_, ({ plan, bytes }) => {
      const { btf, type, size } = buildRecord({ ...plan, flexible: null });
      fc.pre(isInvertible(layoutOf(btf, type)));
      const record = new Uint8Array(size);
      record.set(bytes.subarray(0, size).map((byte) => byte & 0x7f));
      const decode = compileDecoder(btf, type);
      const decoded = decode(record, 0, size);
      fc.pre(!/\\\\x|\\\\u/.test(JSON.stringify(decoded))); // text that was made visible
      const encoded = encodeValue(btf, type, decoded, "record");
      assert.deepStrictEqual(decode(encoded, 0, size), decoded);
    }),
    { numRuns: 300 },
  );
});

/**
 * Whether decoding loses nothing: text drops what follows its NUL, which a union may need, and a
 * flexible array is no part of the type's own bytes.
 */
function isInvertible(layout: Layout): boolean {
  switch (layout.kind) {
    case "float":
      return layout.size === 4 || layout.size === 8;
    case "bool":
      return false;
    case "text":
      return false;
    case "array":
      return layout.end !== "flexible" && isInvertible(layout.element);
    case "struct":
      return layout.fields.every((field) => isInvertible(field.layout));
    default:
      return true;
  }
}

/** The same bytes for the same seed. */
function noise(seed: number, length: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1103515245) + 12345;
    return state >>> 24 & (state & 1 ? 0x7f : 0xff);
  });
}
