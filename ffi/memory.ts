// Between JS values and C memory: the only place with pointer arithmetic besides ring mappings.
import { fixedBytes } from "./struct.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const POINTER_BYTES = 8;

/** A NUL-terminated copy of `text` whose address may be kept while the array is referenced. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(text);
  const out = fixedBytes(bytes.length + 1);
  out.set(bytes);
  return out;
}

/** An array of pointers (`const char **`) with the texts that they point to behind it. */
export function cStrings(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoded = texts.map((text) => encoder.encode(text));
  const tableBytes = texts.length * POINTER_BYTES;
  const size = encoded.reduce((sum, { length }) => sum + length + 1, tableBytes);
  const out = fixedBytes(size);
  const pointers = new BigUint64Array(out.buffer, 0, texts.length);
  const base = addressOf(out);
  let offset = tableBytes;
  for (const [index, bytes] of encoded.entries()) {
    pointers[index] = base + BigInt(offset);
    out.set(bytes, offset);
    offset += bytes.length + 1;
  }
  return out;
}

/** The C string at `pointer`; empty for NULL. Invalid UTF-8 becomes U+FFFD. */
export function readCString(pointer: Deno.PointerValue): string {
  if (pointer === null) return "";
  const view = new Deno.UnsafePointerView(pointer);
  let length = 0;
  while (view.getUint8(length) !== 0) length++;
  return decoder.decode(copyMemory(pointer, length));
}

/** Text of a NUL-terminated buffer of our own. */
export function textUntilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** A copy of `size` bytes at `pointer`. */
export function copyMemory(pointer: Deno.PointerObject, size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  if (size > 0) out.set(new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, size)));
  return out;
}

/** Address of a buffer, 0 for null; valid while the buffer is referenced and at least 72 bytes. */
export function addressOf(buffer: Uint8Array<ArrayBuffer> | null): bigint {
  if (buffer === null) return 0n;
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer));
}
