// What the kernel tells of a map.
import { bpf_map_info } from "../../ffi/layouts/bpf_info.ts";
import { idOrNull, Info } from "./info.ts";

export interface MapInfo {
  readonly id: number;
  /** `enum bpf_map_type`. */
  readonly type: number;
  /** At most 15 characters. */
  readonly name: string;
  readonly keyBytes: number;
  /** Of one element; per-CPU maps have this once for each possible CPU, rounded up to 8. */
  readonly valueBytes: number;
  readonly maxEntries: number;
  /** BPF_F_… of linux/bpf.h. */
  readonly flags: number;
  /** The interface that it was offloaded to; null on the host. */
  readonly ifindex: number | null;
  readonly btfId: number | null;
  readonly btfKeyTypeId: number | null;
  readonly btfValueTypeId: number | null;
  /** Per map type: the hash functions of a bloom filter. @since Linux 5.16 */
  readonly extra: bigint | null;
}

/**
 * @param fd descriptor of a map
 * @throws object_info_failed with the errno
 * @since Linux 4.13 @see bpf(2), linux/bpf.h
 */
export function mapInfo(fd: number): MapInfo {
  return new MapInfoReader().read(fd);
}

/** Reads one map after another into the same memory. */
export class MapInfoReader {
  readonly #info = new Info(bpf_map_info, (fd) => `the map behind descriptor ${fd}`);

  /** As `mapInfo`. @throws object_info_failed with the errno */
  read(fd: number): MapInfo {
    const info = this.#info;
    info.read(fd);
    return {
      id: info.number("id"),
      type: info.number("type"),
      name: info.text("name"),
      keyBytes: info.number("key_size"),
      valueBytes: info.number("value_size"),
      maxEntries: info.number("max_entries"),
      flags: info.number("map_flags"),
      ifindex: idOrNull(info.newerNumber("ifindex")),
      btfId: idOrNull(info.newerNumber("btf_id")),
      btfKeyTypeId: idOrNull(info.newerNumber("btf_key_type_id")),
      btfValueTypeId: idOrNull(info.newerNumber("btf_value_type_id")),
      extra: info.newerBigint("map_extra"),
    };
  }
}
