// Names that the kernel keeps only as type ids of a BTF object.
import { Btf } from "../btf/btf.ts";
import { EBPFError } from "../errors.ts";
import { visibleLine } from "../view/text.ts";
import { btfBytes, btfInfo } from "./btf_info.ts";
import { openById } from "./ids.ts";
import type { KernelBtf } from "./kernel_btf.ts";

/** Opens each BTF object once; for one walk, since ids may be given anew later. */
export class BtfNames {
  readonly #kernel: KernelBtf;
  readonly #opened = new Map<number, Btf | null>();

  constructor(kernel: KernelBtf) {
    this.#kernel = kernel;
  }

  /** The name of a type; null when there is no such object or type, or it may not be opened. */
  name(objectId: number, typeId: number): string | null {
    const btf = this.btf(objectId);
    if (btf === null || typeId >= btf.typeCount) return null;
    return visibleLine(btf.name(typeId)) || null;
  }

  /** The types of a BTF object; null when there is none, or it may not be opened. */
  btf(objectId: number): Btf | null {
    const opened = this.#opened.get(objectId);
    if (opened !== undefined) return opened;
    const btf = this.#read(objectId);
    this.#opened.set(objectId, btf);
    return btf;
  }

  #read(objectId: number): Btf | null {
    try {
      using fd = openById("btf", objectId);
      const info = btfInfo(fd.number);
      if (info.kernel !== true) return Btf.parse(btfBytes(fd.number));
      const vmlinux = this.#kernel.get();
      if (info.name === "vmlinux" || vmlinux === null) return vmlinux;
      return Btf.parse(btfBytes(fd.number), vmlinux);
    } catch (error) {
      if (error instanceof EBPFError) return null; // gone meanwhile, or not ours to open
      throw error;
    }
  }
}
