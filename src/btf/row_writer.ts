// Rows of a map's dump as JSON bytes, straight from the buffers of a batch lookup.
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";
import { type RecordSource, recordSource } from "./record_source.ts";

/** What a map's elements look like. */
export interface RowShape {
  readonly keyType: TypeId;
  readonly valueType: TypeId;
  readonly keySize: number;
  /** Bytes of one value; per-CPU maps keep each CPU's value at a multiple of 8. */
  readonly valueSize: number;
  /** CPUs that a per-CPU map has values for; null when a key has one value. */
  readonly cpus: number | null;
  /** What follows each row: "," or a newline. */
  readonly separator: string;
}

/** Keys and values as a batch lookup leaves them, `count` of each, one after the other. */
export interface RowBatch {
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
  readonly count: number;
}

export interface RowProgress {
  /** The first row that was not written. */
  readonly next: number;
  /** The place behind the last row. */
  readonly p: number;
}

export interface RowWriter {
  /**
   * Writes the rows from `first` on at `p` of `out`, until the batch ends or the next row might not
   * have room: `next === first` says that not even one row has. A row is `{"key":…,"value":…}`, in
   * per-CPU maps `{"key":…,"values":[…]}` by CPU.
   */
  write(batch: RowBatch, first: number, out: Uint8Array, p: number): RowProgress;
  /** What one row and its separator take at most. */
  readonly maxBytes: number;
}

/** One buffer as bytes and as words. */
interface Memory {
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
}

type RowLoop = (
  keys: Memory,
  values: Memory,
  first: number,
  last: number,
  out: Uint8Array,
  p: number,
  limit: number,
) => RowProgress;

const encoder = new TextEncoder();

/** @throws validation/invalid_btf, resource/limit_exceeded */
export function compileRowWriter(btf: Btf, shape: RowShape): RowWriter {
  const { keySize, valueSize, cpus, separator } = shape;
  const stride = cpus === null ? valueSize : Math.ceil(valueSize / 8) * 8;
  const access = keySize % 4 === 0 && stride % 4 === 0 ? "words" : "bytes";
  const key = recordSource(btf, shape.keyType, { access, prefix: "key_" });
  const value = recordSource(btf, shape.valueType, { access, prefix: "value_" });
  const loop = compileLoop(key, value, shape, stride);
  const punctuation = 32 + encoder.encode(separator).length + (cpus ?? 0);
  const maxBytes = key.maxBytes(keySize) + (cpus ?? 1) * value.maxBytes(valueSize) + punctuation;
  return {
    maxBytes,
    write({ keys, values, count }, first, out, p) {
      return loop(words(keys), words(values), first, count, out, p, out.length - maxBytes);
    },
  };
}

/** Both views; bytes that are not aligned to words are copied. */
function words(bytes: Uint8Array): Memory {
  const u8 = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const length = u8.byteLength >> 2;
  return {
    u8,
    u32: new Uint32Array(u8.buffer, u8.byteOffset, length),
    i32: new Int32Array(u8.buffer, u8.byteOffset, length),
  };
}

function compileLoop(
  key: RecordSource,
  value: RecordSource,
  { keySize, valueSize, cpus, separator }: RowShape,
  stride: number,
): RowLoop {
  const one = (o: string) => `{const o=${o},end=o+${valueSize};${value.statements}}`;
  const perCpu = `for(let cpu=0;cpu<${cpus};cpu++){if(cpu!==0)out[p++]=44;` +
    `${one(`(row*${cpus}+cpu)*${stride}`)}}`;
  const source = `"use strict";return (keys,values,first,last,out,p,limit)=>{
let row=first;
for(;row<last&&p<=limit;row++){
${stores('{"key":')}
{const {u8,u32,i32}=keys,o=row*${keySize},end=o+${keySize};${key.statements}}
${stores(cpus === null ? ',"value":' : ',"values":[')}
{const {u8,u32,i32}=values;${cpus === null ? one(`row*${stride}`) : perCpu}}
${stores((cpus === null ? "}" : "]}") + separator)}
}
return {next:row,p};};`;
  const bindings = { ...key.bindings, ...value.bindings };
  return new Function(...Object.keys(bindings), source)(...Object.values(bindings));
}

/** Statements that write fixed text. */
function stores(text: string): string {
  const bytes = encoder.encode(text);
  const each = Array.from(bytes, (byte, index) => `out[p+${index}]=${byte};`);
  return `${each.join("")}p+=${bytes.length};`;
}
