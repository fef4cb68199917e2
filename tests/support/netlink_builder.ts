// rtnetlink messages as bytes, for tests of their parsers.

const ALIGNMENT = 4;

/** Bytes of a little-endian number. */
export function word(value: number, size: 1 | 2 | 4 = 4): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
}

/** A text with its NUL. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}

/** Parts one after another. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** One attribute with its padding; a false length lies about it. */
export function attribute(type: number, value: Uint8Array, falseLength?: number): Uint8Array {
  const length = 4 + value.length;
  return padded(joined(word(falseLength ?? length, 2), word(type, 2), value));
}

/** One message with its padding; a false length lies about it. */
export function message(type: number, payload: Uint8Array, falseLength?: number): Uint8Array {
  const length = falseLength ?? 16 + payload.length;
  const sequence = word(7);
  return padded(joined(word(length), word(type, 2), word(2, 2), sequence, word(0), payload));
}

/** `struct ifinfomsg`. */
export function interfaceHeader(index: number): Uint8Array {
  return joined(new Uint8Array(4), word(index), new Uint8Array(8));
}

/** `struct tcmsg`. */
export function trafficHeader(ifindex: number, handle: number, info: number): Uint8Array {
  return joined(new Uint8Array(4), word(ifindex), word(handle), word(0xffff_fff2), word(info));
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = (ALIGNMENT - bytes.length % ALIGNMENT) % ALIGNMENT;
  return joined(bytes, new Uint8Array(rest));
}
