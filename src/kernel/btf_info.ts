// What the kernel tells of a BTF object, and its bytes.
import { bpf_btf_info } from "../../ffi/layouts/bpf_info.ts";
import { textUntilNul } from "../../ffi/memory.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { resourceError } from "../errors.ts";
import { visibleLine } from "../view/text.ts";
import { Info } from "./info.ts";

export interface BtfInfo {
  readonly id: number;
  readonly sizeBytes: number;
  /** `vmlinux` or a module; empty for what came with a program. @since Linux 5.11 */
  readonly name: string | null;
  /** The kernel's own, its modules' too. @since Linux 5.11 */
  readonly kernel: boolean | null;
}

/** Longer than any module name (MODULE_NAME_LEN is 56). */
const NAME_BYTES = 128;
/** The kernel takes 16 MiB at most; vmlinux may have more types, but never this much. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * @param fd descriptor of a BTF object
 * @throws object_info_failed with the errno
 * @since Linux 4.18 @see bpf(2), linux/bpf.h
 */
export function btfInfo(fd: number): BtfInfo {
  const subject = `the BTF behind descriptor ${fd}`;
  const info = Info.read(fd, bpf_btf_info, subject);
  const kernel = info.newerNumber("kernel_btf");
  return {
    id: info.number("id"),
    sizeBytes: info.number("btf_size"),
    name: kernel === null ? null : readName(fd, subject),
    kernel: kernel === null ? null : kernel !== 0,
  };
}

/** Only on kernels that know names: an older one refuses a struct whose tail is not zero. */
function readName(fd: number, subject: string): string {
  const name = fixedBytes(NAME_BYTES);
  Info.read(fd, bpf_btf_info, subject, (struct) => {
    struct.point("name", name).set("name_len", name.length);
  });
  return visibleLine(textUntilNul(name));
}

/**
 * The raw BTF, for `Btf.parse`.
 *
 * @throws object_info_failed with the errno
 * @throws resource/limit_exceeded above 64 MiB
 * @since Linux 4.18
 */
export function btfBytes(fd: number): Uint8Array<ArrayBuffer> {
  const subject = `the BTF behind descriptor ${fd}`;
  const size = Info.read(fd, bpf_btf_info, subject).number("btf_size");
  if (size > MAX_BYTES) {
    throw resourceError("limit_exceeded", `Cannot read ${subject}: ${size} bytes, at most 64 MiB`);
  }
  const bytes = fixedBytes(size);
  Info.read(fd, bpf_btf_info, subject, (struct) => {
    struct.point("btf", bytes).set("btf_size", bytes.length);
  });
  return bytes;
}
