// Decoders, by agreement: the compiled decoder, the walk over the layout and the JSON writers must
// tell the same of any bytes as any type.
import { Btf } from "../../src/btf/btf.ts";
import { compileDecoder, type Decoder, type JsonValue } from "../../src/btf/decode.ts";
import { interpret, isPresent } from "../../src/btf/interpret.ts";
import { compileJsonWriter } from "../../src/btf/json_writer.ts";
import { layoutOf } from "../../src/btf/layout_builder.ts";
import { recordSource } from "../../src/btf/record_source.ts";
import { compileRowWriter } from "../../src/btf/row_writer.ts";
import { BtfBuilder } from "../support/btf_builder.ts";
import { addRecord } from "../unit/btf/random_type.ts";
import { ByteSource } from "./byte_source.ts";
import { joined } from "./mutate.ts";
import { attempt, expect } from "./oracle.ts";
import type { Random } from "./random.ts";
import type { Depth, Prepared, Target } from "./target.ts";
import { readRecordPlan } from "./type_plan.ts";

const allowed = new Set(["validation/invalid_btf", "resource/limit_exceeded"]);
/** Bytes of an input that describe the type; the rest is the record. */
const PLAN_BYTES = 48;
const RECORD_BYTES = 200;
/** Around what is written, to see what is written beside it. */
const GUARD_BYTES = 8;
const GUARD = 0xee;
/** Rows of a map take as long as all the rest. */
const ROWS_ONCE_IN = 5;
/** Controls that JSON leaves as they are, and what turns the direction of text. */
const UNSAFE = /[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Words that are text, or at the edges of what a double or a sign holds. */
const WORDS = [0, 1, -1, 0x1f_ffff, 0x20_0000, -0x20_0001, 0x7fff_ffff, 1 << 31, 0x44434241];
const TEXT_WORDS = [0x5c22, 0x1b41, 0x85c2, 0xff, 0x41004200, 0x0fc00000, 0xae80e2, 0x7ff00000];

export const valueTarget: Target = {
  name: "values",
  files: [
    "src/btf/decode.ts",
    "src/btf/interpret.ts",
    "src/btf/json_bytes.ts",
    "src/btf/json_size.ts",
    "src/btf/json_writer.ts",
    "src/btf/layout.ts",
    "src/btf/read_source.ts",
    "src/btf/record_source.ts",
    "src/btf/row_writer.ts",
    "src/btf/text.ts",
    "src/btf/value.ts",
  ],
  cases: { short: 4_000, long: 1_000_000 },
  processes: 2,
  caseMs: 250,
  clock: "processor",
  prepare: () => Promise.resolve(new ValueFuzz()),
};

class ValueFuzz implements Prepared {
  make(random: Random): Uint8Array<ArrayBuffer> {
    const plan = random.bytes(PLAN_BYTES);
    const words = Int32Array.from({ length: random.below(RECORD_BYTES / 4) }, () => {
      if (random.once(2)) return random.u32();
      return random.pick(random.once(2) ? WORDS : TEXT_WORDS);
    });
    const record = new Uint8Array(words.buffer);
    return joined(plan, record.subarray(0, record.length - random.below(4)));
  }

  run(input: Uint8Array<ArrayBuffer>): Depth {
    const plan = readRecordPlan(new ByteSource(input.subarray(0, PLAN_BYTES)));
    const builder = new BtfBuilder();
    const { id, size } = addRecord(builder, plan);
    const btf = Btf.parse(builder.bytes());
    const record = input.slice(PLAN_BYTES);
    const layout = attempt(allowed, () => layoutOf(btf, id));
    if (layout === null) return "refused";
    const start = record.length > 64 ? 4 : 0;
    const decode = compileDecoder(btf, id);
    const value = decode(record, start, record.length - start);
    const walked = isPresent(layout, record.length - start)
      ? interpret(layout, record, start, record.length)
      : null;
    const text = JSON.stringify(value);
    expect(!UNSAFE.test(text), () => `the text would move a terminal: ${text}`);
    same("the walk over the layout", JSON.stringify(walked), text);
    same("what JSON.parse makes of it", JSON.stringify(JSON.parse(text)), text);
    same("the writer of bytes", writtenFromBytes(btf, id, record, start), text);
    same("the writer of words", writtenFromWords(btf, id, record, start), text);
    const isForRows = size > 0 && record.length >= size && record[0] % ROWS_ONCE_IN === 0;
    if (isForRows) checkRows(btf, id, decode, record.subarray(0, 3 * size));
    return "past";
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function same(what: string, found: string, wanted: string): void {
  expect(found === wanted, () => `${what} says ${found}, the decoder ${wanted}`);
}

function writtenFromBytes(btf: Btf, type: number, record: Uint8Array, start: number): string {
  const writer = compileJsonWriter(btf, type);
  const room = writer.maxBytes(record.length - start);
  return guarded(room, (out) => writer.write(out, GUARD_BYTES, record, start, record.length));
}

function writtenFromWords(btf: Btf, type: number, record: Uint8Array, start: number): string {
  const memory = new Uint8Array(Math.ceil(record.length / 4) * 4);
  memory.set(record);
  const options = { access: "words", prefix: "one_" } as const;
  const { statements, bindings, maxBytes } = recordSource(btf, type, options);
  const body = `return (out,p,u8,u32,i32,o,end)=>{${statements};return p;}`;
  const write = new Function(...Object.keys(bindings), body)(...Object.values(bindings));
  const words = [new Uint32Array(memory.buffer), new Int32Array(memory.buffer)];
  return guarded(maxBytes(record.length - start), (out) => {
    return write(out, GUARD_BYTES, memory, ...words, start, record.length);
  });
}

/** What is written between two guards; `write` answers where it ended. */
function guarded(room: number, write: (out: Uint8Array) => number): string {
  const out = new Uint8Array(GUARD_BYTES + room + GUARD_BYTES).fill(GUARD);
  const end = write(out);
  expect(end <= GUARD_BYTES + room, () => `wrote ${end - GUARD_BYTES} bytes, ${room} announced`);
  const guards = [...out.subarray(0, GUARD_BYTES), ...out.subarray(GUARD_BYTES + room)];
  expect(guards.every((byte) => byte === GUARD), () => "wrote beside its room");
  return utf8.decode(out.subarray(GUARD_BYTES, end));
}

/** As many rows of a map as the bytes give, its key the value's first bytes. */
function checkRows(btf: Btf, type: number, decode: Decoder, record: Uint8Array): void {
  const size = btf.sizeOf(type);
  const shape = { keyType: type, valueType: type, keySize: size, valueSize: size };
  const cpus = record[0] % 2 === 0 ? 2 : null;
  const stride = cpus === null ? size : Math.ceil(size / 8) * 8;
  const values = new Uint8Array(stride * (cpus ?? 1) * 2);
  values.set(record.subarray(0, values.length));
  const keys = joined(record.subarray(0, size), record.subarray(0, size));
  const writer = compileRowWriter(btf, { ...shape, cpus, separator: "\n" });
  let written = "";
  for (let next = 0; next < 2;) {
    const first = next;
    written += guarded(writer.maxBytes, (out) => {
      const room = out.subarray(0, GUARD_BYTES + writer.maxBytes);
      const progress = writer.write({ keys, values, count: 2 }, first, room, GUARD_BYTES);
      expect(progress.next > first, () => "a row does not fit in what it announced");
      next = progress.next;
      return progress.p;
    });
  }
  const each = (row: number, cpu: number) => {
    return decode(values, (row * (cpus ?? 1) + cpu) * stride, size);
  };
  const wanted = [0, 1].map((row): Record<string, JsonValue> => {
    const key = decode(keys, row * size, size);
    return cpus === null
      ? { key, value: each(row, 0) }
      : { key, values: [each(row, 0), each(row, 1)] };
  });
  same("the writer of rows", written, wanted.map((row) => `${JSON.stringify(row)}\n`).join(""));
}
