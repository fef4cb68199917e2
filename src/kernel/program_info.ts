// What the kernel tells of a loaded program.
import { bpf_prog_info } from "../../ffi/layouts/bpf_info.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { idOrNull, Info } from "./info.ts";

export interface ProgramInfo {
  readonly id: number;
  /** `enum bpf_prog_type`. */
  readonly type: number;
  /** As loaded, cut by the kernel to 15 characters; see `fullProgramName`. */
  readonly name: string;
  /** SHA-1 prefix of the instructions, 16 hexadecimal digits. */
  readonly tag: string;
  readonly translatedBytes: number;
  /** 0 when it is interpreted. */
  readonly jitedBytes: number;
  /** Since boot. */
  readonly loadedAtNs: bigint;
  readonly uid: number;
  /** Its license lets it call helpers that are GPL only. @since Linux 4.18 */
  readonly gplCompatible: boolean | null;
  readonly mapIds: readonly number[];
  readonly btfId: number | null;
  /** BTF id of the type of the main function, for its full name. */
  readonly functionTypeId: number | null;
  /** Counted only while statistics are on. @since Linux 5.1 */
  readonly runTimeNs: bigint | null;
  readonly runCount: bigint | null;
  /** Runs that were skipped because the program was running already. @since Linux 5.12 */
  readonly recursionMisses: bigint | null;
  /** Instructions that the verifier walked. @since Linux 5.16 */
  readonly verifiedInstructions: number | null;
  /** BTF object and type that it attaches to (fentry, fexit, LSM). @since Linux 6.0 */
  readonly attachBtfObjectId: number | null;
  readonly attachBtfTypeId: number | null;
}

/** Enough for nearly every program: more maps cost a second call. */
const EXPECTED_MAPS = 64;
/** `__u32 gpl_compatible:1` behind `ifindex`. */
const GPL_COMPATIBLE = 1;
/** `struct bpf_func_info`: __u32 insn_off, __u32 type_id. */
const FUNC_INFO_BYTES = 8;

/**
 * @param fd descriptor of a program
 * @throws object_info_failed with the errno
 * @since Linux 4.13 @see bpf(2), linux/bpf.h
 */
export function programInfo(fd: number): ProgramInfo {
  return new ProgramInfoReader().read(fd);
}

/** Reads one program after another into the same memory. */
export class ProgramInfoReader {
  readonly #capacity: number;
  readonly #maps: Uint32Array;
  readonly #functions = fixedBytes(FUNC_INFO_BYTES);
  readonly #functionsView = new DataView(this.#functions.buffer);
  readonly #info: Info<keyof typeof bpf_prog_info.fields>;

  /** @param capacity how many maps of a program one call can tell */
  constructor(capacity = EXPECTED_MAPS) {
    const maps = fixedBytes(capacity * 4);
    this.#capacity = capacity;
    this.#maps = new Uint32Array(maps.buffer, 0, capacity);
    const subject = (fd: number) => `the program behind descriptor ${fd}`;
    this.#info = new Info(bpf_prog_info, subject, (struct) => {
      struct.set("nr_map_ids", capacity).point("map_ids", maps);
      struct.set("nr_func_info", 1).set("func_info_rec_size", FUNC_INFO_BYTES);
      struct.point("func_info", this.#functions);
    });
  }

  /** As `programInfo`. @throws object_info_failed with the errno */
  read(fd: number): ProgramInfo {
    const info = this.#info;
    info.read(fd);
    const mapCount = info.number("nr_map_ids");
    if (mapCount > this.#capacity) return new ProgramInfoReader(mapCount).read(fd);
    const gpl = info.newerBitsBehind("ifindex");
    const hasFunctions = (info.newerNumber("nr_func_info") ?? 0) > 0;
    return {
      id: info.number("id"),
      type: info.number("type"),
      name: info.text("name"),
      tag: info.hex("tag"),
      translatedBytes: info.number("xlated_prog_len"),
      jitedBytes: info.number("jited_prog_len"),
      loadedAtNs: info.bigint("load_time"),
      uid: info.number("created_by_uid"),
      gplCompatible: gpl === null ? null : (gpl & GPL_COMPATIBLE) !== 0,
      mapIds: [...this.#maps.subarray(0, mapCount)],
      btfId: idOrNull(info.newerNumber("btf_id")),
      functionTypeId: hasFunctions ? this.#functionsView.getUint32(4, true) : null,
      runTimeNs: info.newerBigint("run_time_ns"),
      runCount: info.newerBigint("run_cnt"),
      recursionMisses: info.newerBigint("recursion_misses"),
      verifiedInstructions: info.newerNumber("verified_insns"),
      attachBtfObjectId: idOrNull(info.newerNumber("attach_btf_obj_id")),
      attachBtfTypeId: idOrNull(info.newerNumber("attach_btf_id")),
    };
  }
}
