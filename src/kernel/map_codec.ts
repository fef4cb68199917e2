// A map's keys and elements as JSON values, by its BTF; as hexadecimal text where it has none.
import { compileDecoder, type Decoder, type JsonValue } from "../btf/decode.ts";
import { type BpfMap, mapType } from "./bpf_map.ts";

/** Longer values are not decoded: their JSON would take megabytes of memory. */
const MOST_DECODED_BYTES = 128 << 10;
const LONG_VALUE_BYTES = 2048;

export interface MapCodec {
  /** Both are decoded by BTF. */
  readonly typed: boolean;
  /** False when values are so long that only their beginning is given. */
  readonly whole: boolean;
  /** @param at which of those in the batch */
  key(keys: Uint8Array, at: number): JsonValue;
  /** Per-CPU maps: a list of {cpu, value}. */
  element(values: Uint8Array, at: number): JsonValue;
}

export function mapCodec(map: BpfMap): MapCodec {
  const { keyBytes, valueBytes, btfKeyTypeId, btfValueTypeId } = map.info;
  // the index of an array of global variables has no type: libbpf gives them the section's alone
  const isIndex = map.isArray && btfKeyTypeId === null && btfValueTypeId !== null;
  const key = isIndex ? index : decoderFor(map, btfKeyTypeId);
  const value = valueDecoder(map, btfValueTypeId);
  const { elementBytes, slotBytes, isPerCpu } = map;
  const slots = Math.max(1, Math.floor(elementBytes / Math.max(slotBytes, 1)));
  return {
    typed: key !== hex && value !== hex && value !== longHex,
    whole: value !== longHex,
    key: (keys, at) => key(keys, at * keyBytes, keyBytes),
    element(values, at) {
      const start = at * elementBytes;
      if (!isPerCpu) return value(values, start, valueBytes);
      return Array.from({ length: slots }, (_, cpu) => ({
        cpu,
        value: value(values, start + cpu * slotBytes, valueBytes),
      }));
    },
  };
}

function valueDecoder(map: BpfMap, type: number | null): Decoder {
  if (holders.some((name) => mapType(name) === map.info.type)) return id;
  return map.info.valueBytes > MOST_DECODED_BYTES ? longHex : decoderFor(map, type);
}

/** What user space reads of a map that holds programs or maps is their id. */
const holders = ["prog_array", "array_of_maps", "hash_of_maps"] as const;

const id: Decoder = (bytes, offset) =>
  new DataView(bytes.buffer, bytes.byteOffset + offset, 4).getUint32(0, true);

function decoderFor(map: BpfMap, type: number | null): Decoder {
  if (type === null || map.btf === null) return hex;
  return compileDecoder(map.btf, type);
}

const index: Decoder = (bytes, offset) => {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
};

/** The beginning of a value that nobody reads whole, such as a .bss of megabytes. */
const longHex: Decoder = (bytes, offset) => hex(bytes, offset, LONG_VALUE_BYTES);

const hex: Decoder = (bytes, offset, length) => bytes.subarray(offset, offset + length).toHex();
