// The running kernel's own types, read and parsed once, when somebody first asks.
import { readFile } from "../../ffi/file.ts";
import { Btf } from "../btf/btf.ts";
import { EBPFError, kernelError } from "../errors.ts";
import { btfBytes, btfInfo } from "./btf_info.ts";
import { walkObjects } from "./ids.ts";

const VMLINUX = "/sys/kernel/btf/vmlinux";
/** Distribution kernels have 5 to 10 MiB. */
const MAX_BYTES = 64 * 1024 * 1024;
const ENOENT = 2;

export class KernelBtf {
  #btf: Btf | null | undefined;

  /**
   * The kernel's BTF, or null when it was built without. Takes 10 ms the first time. Where sysfs
   * does not show it, the kernel gives it by its id (5.11, CAP_SYS_ADMIN).
   * @throws file_read_failed with the errno when it is there but cannot be read
   * @throws validation/invalid_btf
   * @since Linux 5.4 with CONFIG_DEBUG_INFO_BTF
   */
  get(): Btf | null {
    if (this.#btf !== undefined) return this.#btf;
    const bytes = readFile(VMLINUX, MAX_BYTES);
    if (typeof bytes !== "number") return this.#btf = Btf.parse(bytes);
    const given = readById();
    if (given !== null || bytes === ENOENT) return this.#btf = given;
    throw kernelError("file_read_failed", `Cannot read "${VMLINUX}"`, bytes, { path: VMLINUX });
  }

  /**
   * The same for whoever has something to tell without BTF, too: null where it cannot be read. What
   * is no fault of the kernel's or of its BTF is thrown on.
   * @since Linux 5.4 with CONFIG_DEBUG_INFO_BTF
   */
  readable(): Btf | null {
    try {
      return this.get();
    } catch (error) {
      if (error instanceof EBPFError) return null;
      throw error;
    }
  }
}

function readById(): Btf | null {
  try {
    for (const { fd } of walkObjects("btf")) {
      const { kernel, name } = btfInfo(fd.number);
      if (kernel === true && name === "vmlinux") return Btf.parse(btfBytes(fd.number));
    }
  } catch (error) {
    if (!(error instanceof EBPFError)) throw error; // may not list ids, or there are none
  }
  return null;
}
