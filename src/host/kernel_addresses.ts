// Kernel addresses to names: one pass over /proc/kallsyms for the few that somebody asks for.
import { readFile } from "../../ffi/file.ts";

const PATH = "/proc/kallsyms";
/** A kernel with every module has 300,000 symbols in 20 MiB. */
const MAX_BYTES = 256 << 20;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
/** `ffffffff81000000 T _stext`: sixteen digits, a space, a letter, a space. */
const ADDRESS_DIGITS = 16;
const NAME_AT = 19;
const HALF_DIGITS = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What calls of the kernel's own code are counted from. */
const callBase = encoder.encode("__bpf_call_base");

export interface AddressNames {
  /** The name at exactly this address, the first one that kallsyms has for it. */
  at(address: bigint): string | null;
  /** The address that the helpers of translated programs are counted from. */
  readonly callBase: bigint | null;
}

/** Nothing known, or nothing asked. */
const nothing: AddressNames = { at: () => null, callBase: null };

/**
 * Names of addresses, absolute ones and distances from `__bpf_call_base`. Nothing where kallsyms is
 * missing or hides addresses (kernel.kptr_restrict). 40 ms, nearly all of it the kernel's.
 */
export function kernelAddressNames(
  absolute: readonly bigint[],
  distances: readonly number[],
): AddressNames {
  if (absolute.length + distances.length === 0) return nothing;
  const bytes = readFile(PATH, MAX_BYTES);
  if (typeof bytes === "number") return nothing;
  const base = findCallBase(bytes);
  const wanted = new Set(absolute.filter((address) => address !== 0n));
  if (base !== null) { for (const distance of distances) wanted.add(base + BigInt(distance)); }
  const names = namesOf(bytes, wanted);
  return { at: (address) => names.get(address) ?? null, callBase: base };
}

function findCallBase(bytes: Uint8Array): bigint | null {
  for (let start = 0; start < bytes.length; start = lineEnd(bytes, start) + 1) {
    if (!isNamed(bytes, start + NAME_AT)) continue;
    const address = readHex(bytes, start);
    return address === 0n ? null : address;
  }
  return null;
}

function isNamed(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < callBase.length; i++) if (bytes[at + i] !== callBase[i]) return false;
  return isEnd(bytes[at + callBase.length]);
}

/** Only lines whose low half is wanted are looked at more closely. */
function namesOf(bytes: Uint8Array, wanted: ReadonlySet<bigint>): ReadonlyMap<bigint, string> {
  const lows = new Set([...wanted].map((address) => Number(address & 0xffffffffn)));
  const names = new Map<bigint, string>();
  for (let start = 0; start < bytes.length; start = lineEnd(bytes, start) + 1) {
    if (!lows.has(lowHalf(bytes, start))) continue;
    const address = readHex(bytes, start);
    if (!wanted.has(address) || names.has(address)) continue;
    let end = start + NAME_AT;
    while (!isEnd(bytes[end])) end++;
    names.set(address, decoder.decode(bytes.subarray(start + NAME_AT, end)));
  }
  return names;
}

function lineEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(NEWLINE, start + NAME_AT);
  return end < 0 ? bytes.length : end;
}

function lowHalf(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let at = start + HALF_DIGITS; at < start + ADDRESS_DIGITS; at++) {
    value = (value << 4) | digit(bytes[at] ?? 0);
  }
  return value >>> 0;
}

function readHex(bytes: Uint8Array, start: number): bigint {
  let high = 0;
  for (let at = start; at < start + HALF_DIGITS; at++) high = (high << 4) | digit(bytes[at] ?? 0);
  return BigInt(high >>> 0) << 32n | BigInt(lowHalf(bytes, start));
}

function digit(character: number): number {
  return character >= 0x61 ? character - 0x57 : character - 0x30;
}

function isEnd(character: number | undefined): boolean {
  return character === undefined || character === NEWLINE || character === TAB ||
    character === SPACE;
}
