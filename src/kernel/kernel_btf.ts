// The running kernel's own types, read and parsed once, when somebody first asks.
import { open_flags, openFile, readFd, statFd } from "../../ffi/file.ts";
import { Mapping } from "../../ffi/mapping.ts";
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
  #isFile = false;

  /** Whether what was read is the file that libbpf reads too, and not what the id gave. */
  get isFile(): boolean {
    return this.#isFile;
  }

  /**
   * The kernel's BTF, or null when it was built without. Takes 10 ms the first time. Where sysfs
   * does not show it, the kernel gives it by its id (5.11, CAP_SYS_ADMIN).
   * @throws file_read_failed with the errno when it is there but cannot be read
   * @throws validation/invalid_btf
   * @since Linux 5.4 with CONFIG_DEBUG_INFO_BTF
   */
  get(): Btf | null {
    if (this.#btf !== undefined) return this.#btf;
    const bytes = vmlinuxBytes();
    if (typeof bytes !== "number") {
      this.#btf = Btf.parse(bytes);
      this.#isFile = true;
      return this.#btf;
    }
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

/**
 * The kernel's own copy where it lets itself be mapped (6.16): 5 ms and 5 MiB less. It stays mapped
 * until the process ends, as the types that are read from it do.
 */
function vmlinuxBytes(): Uint8Array<ArrayBuffer> | number {
  const opened = openFile(VMLINUX, open_flags.O_RDONLY);
  if (typeof opened === "number") return opened;
  using fd = opened;
  const found = statFd(fd);
  const size = typeof found === "number" ? 0 : found.size;
  if (size > 0 && size <= MAX_BYTES) {
    const mapping = Mapping.mapPrivate(fd.number, size);
    if (typeof mapping !== "number") return new Uint8Array(mapping.buffer);
  }
  return readFd(fd, MAX_BYTES, size);
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
