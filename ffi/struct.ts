// C structs as bytes with named fields. A layout is a table of offsets and sizes that
// scripts/check_ffi.ts holds against the headers; nothing computes an offset at run time.

/** Field offset and size, both in bytes. */
export type FieldLayout = readonly [offset: number, size: number];

export interface StructLayout<Field extends string = string> {
  /** C name without `struct` or `union`. */
  readonly name: string;
  /** `struct` unless it says otherwise. */
  readonly keyword?: "struct" | "union";
  /** Header that defines it, as one would include it. */
  readonly header: string;
  /** Size in bytes. */
  readonly size: number;
  /** C member designators, nested ones with dots. */
  readonly fields: Readonly<Record<Field, FieldLayout>>;
}

/** Smaller typed arrays live on the JS heap, which moves: their address may not be kept. */
const SMALLEST_FIXED_BYTES = 72;

/** Zeroed bytes whose address stays valid for as long as the array is referenced. */
export function fixedBytes(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(Math.max(size, SMALLEST_FIXED_BYTES)), 0, size);
}

/** A struct's bytes, which a call holds, hold in turn what the struct points to. */
class StructBytes extends Uint8Array<ArrayBuffer> {
  readonly pointees: unknown[] = [];
}

/** One C struct in memory, little endian. */
export class Struct<Field extends string> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #bytes: StructBytes;
  readonly #view: DataView;

  constructor(readonly layout: StructLayout<Field>) {
    const memory = new ArrayBuffer(Math.max(layout.size, SMALLEST_FIXED_BYTES));
    this.bytes = this.#bytes = new StructBytes(memory, 0, layout.size);
    this.#view = new DataView(this.bytes.buffer, 0, layout.size);
  }

  set(field: Field, value: number | bigint): this {
    const [offset, size] = this.layout.fields[field];
    if (size === 8) this.#view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
    else if (size === 4) this.#view.setUint32(offset, Number(value) >>> 0, true);
    else if (size === 2) this.#view.setUint16(offset, Number(value), true);
    else this.#view.setUint8(offset, Number(value));
    return this;
  }

  /** Lets a pointer field point to a buffer (NULL for null), which lives as long as `bytes`. */
  point(field: Field, buffer: Uint8Array<ArrayBuffer> | null): this {
    this.#bytes.pointees.push(buffer);
    const address = buffer === null ? null : Deno.UnsafePointer.of(buffer);
    return this.set(field, Deno.UnsafePointer.value(address));
  }

  /** A field of at most 4 bytes, unsigned. */
  number(field: Field): number {
    const [offset, size] = this.layout.fields[field];
    if (size === 4) return this.#view.getUint32(offset, true);
    if (size === 2) return this.#view.getUint16(offset, true);
    return this.#view.getUint8(offset);
  }

  /** A field of at most 4 bytes, signed. */
  signed(field: Field): number {
    return this.number(field) | 0;
  }

  bigint(field: Field): bigint {
    return this.#view.getBigUint64(this.layout.fields[field][0], true);
  }

  /** The raw bytes of a field, shared with the struct. */
  field(field: Field): Uint8Array<ArrayBuffer> {
    const [offset, size] = this.layout.fields[field];
    return this.bytes.subarray(offset, offset + size);
  }
}
