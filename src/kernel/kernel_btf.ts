// The running kernel's own types, read and parsed once, when somebody first asks.
import { readFile } from "../../ffi/file.ts";
import { Btf } from "../btf/btf.ts";
import { kernelError } from "../errors.ts";

const VMLINUX = "/sys/kernel/btf/vmlinux";
/** Distribution kernels have 5 to 10 MiB. */
const MAX_BYTES = 64 * 1024 * 1024;
const ENOENT = 2;

export class KernelBtf {
  #btf: Btf | null | undefined;

  /**
   * The kernel's BTF, or null when it was built without. Takes 10 ms the first time.
   * @throws file_read_failed with the errno when it is there but cannot be read
   * @throws validation/invalid_btf
   * @since Linux 5.4 with CONFIG_DEBUG_INFO_BTF
   */
  get(): Btf | null {
    if (this.#btf !== undefined) return this.#btf;
    const bytes = readFile(VMLINUX, MAX_BYTES);
    if (typeof bytes !== "number") return this.#btf = Btf.parse(bytes);
    if (bytes === ENOENT) return this.#btf = null;
    throw kernelError("file_read_failed", `Cannot read "${VMLINUX}"`, bytes, { path: VMLINUX });
  }
}
