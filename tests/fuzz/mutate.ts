// Changes to valid bytes, most of them small: what a fault, a cut or an attacker leaves.
import type { Random } from "./random.ts";

/** Numbers at the edges of widths and signs, and sizes that fields of formats have. */
const EDGES = [
  0,
  1,
  2,
  3,
  7,
  8,
  16,
  24,
  63,
  64,
  0x7f,
  0x80,
  0xff,
  0x100,
  0x7fff,
  0x8000,
  0xffff,
  0x10000,
  0xff_ffff,
  0x7fff_ffff,
  0x8000_0000,
  0xffff_fff8,
  0xffff_ffff,
] as const;

/** A 32-bit number: an edge, a neighbour of `near`, or anything. */
export function someWord(random: Random, near: number): number {
  switch (random.below(4)) {
    case 0:
      return random.pick(EDGES);
    case 1:
      return near + random.between(-2, 2);
    case 2:
      return near ^ 1 << random.below(32);
    default:
      return random.once(2) ? random.below(near + 64) : random.u32();
  }
}

/** Overwrites one field of 1, 2, 4 or 8 bytes at or behind `start`. */
export function changeField(random: Random, bytes: Uint8Array, start: number): void {
  const size = random.pick([1, 1, 2, 4, 4, 8]);
  if (bytes.length < start + size) return;
  const at = start + random.below(bytes.length - start - size + 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const aligned = random.once(3) ? at : at - at % size;
  const place = Math.max(aligned, Math.min(start, bytes.length - size));
  if (size === 1) bytes[place] = someWord(random, bytes[place]);
  else if (size === 2) view.setUint16(place, someWord(random, view.getUint16(place, true)), true);
  else view.setUint32(place, someWord(random, view.getUint32(place, true)), true);
  if (size === 8) view.setUint32(place + 4, random.once(2) ? 0 : random.u32(), true);
}

/** The bytes without a range, with a range twice, with new bytes in between, or cut short. */
export function changeLength(
  random: Random,
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
): Uint8Array<ArrayBuffer> {
  const at = Math.min(bytes.length, start + random.below(bytes.length - start + 1));
  const count = random.below(Math.min(bytes.length - at, 256) + 1);
  switch (random.below(4)) {
    case 0:
      return joined(bytes.subarray(0, at), bytes.subarray(at + count));
    case 1:
      return joined(bytes.subarray(0, at + count), bytes.subarray(at));
    case 2:
      return joined(bytes.subarray(0, at), random.bytes(random.below(16)), bytes.subarray(at));
    default:
      return bytes.slice(0, at);
  }
}

/** A few changes of any kind at or behind `start`; a copy. */
export function mutate(
  random: Random,
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
): Uint8Array<ArrayBuffer> {
  let changed = bytes.slice();
  for (let round = random.between(1, 6); round > 0; round--) {
    if (random.once(12)) changed = changeLength(random, changed, start);
    else changeField(random, changed, start);
  }
  return changed;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
