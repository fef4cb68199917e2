// The instructions of a loaded program as the kernel rewrote them, and where they are from.
import { bpf_prog_info } from "../../ffi/layouts/bpf_info.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import type { Btf } from "../btf/btf.ts";
import { resourceError } from "../errors.ts";
import { BtfNames } from "./btf_names.ts";
import { openById } from "./ids.ts";
import { idOrNull, Info } from "./info.ts";
import type { KernelBtf } from "./kernel_btf.ts";

/** A function of the program, the main one first. */
export interface FunctionStart {
  /** Number of its first instruction. */
  readonly first: number;
  /** BTF id of the function. */
  readonly typeId: number;
}

/** From `first` on, up to the next one, instructions are of this line of source. */
export interface LineStart {
  readonly first: number;
  /** Offsets into the BTF's texts, for `Btf.line`. */
  readonly fileAt: number;
  readonly textAt: number;
  /** From 1 on. */
  readonly line: number;
  readonly column: number;
}

export interface ProgramDump {
  /** `struct bpf_insn`s; empty where the kernel shows us none. */
  readonly image: Uint8Array<ArrayBuffer>;
  readonly functions: readonly FunctionStart[];
  readonly lines: readonly LineStart[];
  /**
   * Hashes of the functions' instructions in the order of `functions`, 16 hexadecimal digits each;
   * empty when the program is interpreted.
   */
  readonly functionTags: readonly string[];
  /** What `functions` and `lines` refer to. */
  readonly btf: Btf | null;
}

/** `struct bpf_func_info` and `struct bpf_line_info` of linux/bpf.h. */
const FUNCTION_BYTES = 8;
const LINE_BYTES = 16;
/** BPF_TAG_SIZE. */
const TAG_BYTES = 8;
/** bpf_line_info.line_col: the line above, the column in the low bits. */
const COLUMN_BITS = 10;
/** The verifier takes a million, and may make some of each. */
const MAX_IMAGE_BYTES = 64 << 20;

/** Reads dumps by program id. One instance for the process; it keeps nothing. */
export class ProgramDumps {
  readonly #kernel: KernelBtf;

  constructor(kernel: KernelBtf) {
    this.#kernel = kernel;
  }

  /**
   * Everything the kernel shows of a program's code.
   *
   * @throws resource/program_not_found, permission/not_permitted without CAP_SYS_ADMIN
   * @throws resource/limit_exceeded above 64 MiB, object_info_failed with the errno
   * @since Linux 4.13; lines and functions since 5.0 @see bpf(2), linux/bpf.h
   */
  read(id: number): ProgramDump {
    using fd = openById("program", id);
    const raw = readRaw(fd.number, id);
    const btf = raw.btfId === null ? null : new BtfNames(this.#kernel).btf(raw.btfId);
    return { ...raw, btf };
  }
}

type RawDump = Omit<ProgramDump, "btf"> & { readonly btfId: number | null };

function readRaw(fd: number, id: number): RawDump {
  const sizes = Info.read(fd, bpf_prog_info, "program");
  const imageBytes = sizes.number("xlated_prog_len");
  if (imageBytes > MAX_IMAGE_BYTES) {
    throw resourceError("limit_exceeded", `Cannot dump program ${id}: it has ${imageBytes} bytes`);
  }
  const image = fixedBytes(imageBytes);
  const functions = fixedBytes((sizes.newerNumber("nr_func_info") ?? 0) * FUNCTION_BYTES);
  const lines = fixedBytes((sizes.newerNumber("nr_line_info") ?? 0) * LINE_BYTES);
  const isCompiled = (sizes.newerNumber("nr_jited_ksyms") ?? 0) > 0;
  const tags = fixedBytes(isCompiled ? (sizes.newerNumber("nr_prog_tags") ?? 0) * TAG_BYTES : 0);
  const filled = Info.read(fd, bpf_prog_info, "program", (struct) => {
    struct.set("xlated_prog_len", image.length).point("xlated_prog_insns", image);
    if (functions.length > 0) {
      struct.set("nr_func_info", functions.length / FUNCTION_BYTES);
      struct.set("func_info_rec_size", FUNCTION_BYTES).point("func_info", functions);
    }
    if (lines.length > 0) {
      struct.set("nr_line_info", lines.length / LINE_BYTES);
      struct.set("line_info_rec_size", LINE_BYTES).point("line_info", lines);
    }
    if (tags.length > 0) {
      struct.set("nr_prog_tags", tags.length / TAG_BYTES).point("prog_tags", tags);
    }
  });
  // it takes the pointer away where constants are blinded and addresses hidden from us
  const isShown = filled.bigint("xlated_prog_insns") !== 0n;
  return {
    image: isShown ? image : fixedBytes(0),
    functions: functionStarts(functions),
    lines: lineStarts(lines),
    functionTags: tags.toHex().match(/.{16}/g) ?? [],
    btfId: idOrNull(sizes.newerNumber("btf_id")),
  };
}

function functionStarts(bytes: Uint8Array<ArrayBuffer>): FunctionStart[] {
  const words = new Uint32Array(bytes.buffer, 0, bytes.length / 4);
  return Array.from({ length: bytes.length / FUNCTION_BYTES }, (_, index) => {
    return { first: words[index * 2] ?? 0, typeId: words[index * 2 + 1] ?? 0 };
  });
}

function lineStarts(bytes: Uint8Array<ArrayBuffer>): LineStart[] {
  const words = new Uint32Array(bytes.buffer, 0, bytes.length / 4);
  return Array.from({ length: bytes.length / LINE_BYTES }, (_, index) => {
    const [first = 0, fileAt = 0, textAt = 0, place = 0] = words.subarray(index * 4, index * 4 + 4);
    const column = place & ((1 << COLUMN_BITS) - 1);
    return { first, fileAt, textAt, line: place >>> COLUMN_BITS, column };
  });
}
