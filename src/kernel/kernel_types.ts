// The types that the kernel keeps: its own, its modules', and those of loaded objects.
import { readDirectory, readFile, statPath } from "../../ffi/file.ts";
import { Btf } from "../btf/btf.ts";
import { TypeCatalogue } from "../btf/type_catalogue.ts";
import { EBPFError, kernelError, resourceError } from "../errors.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { visibleLine } from "../view/text.ts";
import { btfBytes, type BtfInfo, btfInfo } from "./btf_info.ts";
import { openById, walkObjects } from "./ids.ts";
import type { KernelBtf } from "./kernel_btf.ts";

const FOLDER = "/sys/kernel/btf";
const VMLINUX = "vmlinux";
/** A module has some 100 KiB, the largest drivers a few MiB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Of modules and objects that are kept parsed; the one not used for longest goes first. */
const MOST_KEPT = 64;
const ENOENT = 2;

/** A parsed BTF and what told that it is still the one that the kernel has. */
interface Kept {
  /** `inode N` of the sysfs file, or `id N` of the BTF object; neither is ever given twice. */
  readonly stamp: string;
  readonly catalogue: TypeCatalogue;
}

export class KernelTypes {
  readonly #kernel: KernelBtf;
  #vmlinux: TypeCatalogue | null = null;
  readonly #kept = new Map<string, Kept>();

  constructor(kernel: KernelBtf) {
    this.#kernel = kernel;
  }

  /**
   * The kernel's own types.
   * @throws kernel/feature_missing when the kernel was built without, or hides them
   * @throws file_read_failed with the errno, validation/invalid_btf
   * @since Linux 5.4 with CONFIG_DEBUG_INFO_BTF
   */
  vmlinux(): TypeCatalogue {
    if (this.#vmlinux !== null) return this.#vmlinux;
    const btf = this.#kernel.get();
    if (btf === null) throw missingBtf();
    return this.#vmlinux = new TypeCatalogue(btf, null);
  }

  /**
   * Modules that have BTF, by name: from sysfs, and without it from the ids of BTF objects.
   * Empty where neither can be read.
   * @since Linux 5.11
   */
  modules(): string[] {
    const names = readDirectory(FOLDER);
    if (typeof names !== "number") {
      return names.filter((name) => name !== VMLINUX).map(visibleLine).sort();
    }
    try {
      return [...kernelObjects()].map(({ name }) => name ?? "").filter(isModule).sort();
    } catch (error) {
      if (error instanceof EBPFError) return []; // needs CAP_SYS_ADMIN
      throw error;
    }
  }

  /**
   * The types of a module, which continue the kernel's own; read again when the module was
   * loaded again.
   * @throws resource/btf_not_found when there is no such module, or it has no BTF
   * @throws kernel/feature_missing, file_read_failed, validation/invalid_btf as {@link vmlinux}
   * @since Linux 5.11
   */
  module(name: string): TypeCatalogue {
    const base = this.vmlinux();
    if (!/^\w[\w.-]*$/.test(name) || name === VMLINUX) throw this.#noModule(name);
    const path = `${FOLDER}/${name}`;
    const found = statPath(path);
    if (typeof found === "number") return this.#moduleById(name, base);
    return this.#keep(`module ${name}`, `inode ${found.inode}`, () => {
      const bytes = readFile(path, MAX_BYTES);
      if (bytes === ENOENT) throw this.#noModule(name);
      if (typeof bytes === "number") {
        throw kernelError("file_read_failed", `Cannot read "${path}"`, bytes, { path });
      }
      return new TypeCatalogue(Btf.parse(bytes, base.btf), base);
    });
  }

  /**
   * The types of a BTF object by the kernel's id: a loaded program's or map's, a module's, or the
   * kernel's own.
   * @throws resource/btf_not_found when there is no such object
   * @throws permission/not_permitted without CAP_SYS_ADMIN
   * @since Linux 4.18 @see bpf(2)
   */
  object(id: number): { catalogue: TypeCatalogue; name: string } {
    using fd = openById("btf", id);
    const info = btfInfo(fd.number);
    const own = info.kernel !== true;
    if (!own && info.name === VMLINUX) return { catalogue: this.vmlinux(), name: VMLINUX };
    const base = own ? null : this.vmlinux();
    const catalogue = this.#keep(`object ${id}`, `id ${id}`, () => {
      const btf = Btf.parse(btfBytes(fd.number), base === null ? null : base.btf);
      return new TypeCatalogue(btf, base);
    });
    return { catalogue, name: info.name ?? "" };
  }

  /** Where sysfs shows no file: the objects that the kernel itself made have their names. */
  #moduleById(name: string, base: TypeCatalogue): TypeCatalogue {
    const id = this.#idOf(name);
    if (id === null) throw this.#noModule(name);
    return this.#keep(`module ${name}`, `id ${id}`, () => {
      using fd = openById("btf", id);
      return new TypeCatalogue(Btf.parse(btfBytes(fd.number), base.btf), base);
    });
  }

  #idOf(name: string): number | null {
    try {
      for (const info of kernelObjects()) if (info.name === name) return info.id;
    } catch (error) {
      if (!(error instanceof EBPFError)) throw error; // ids need CAP_SYS_ADMIN: there is no way
    }
    return null;
  }

  #keep(key: string, stamp: string, read: () => TypeCatalogue): TypeCatalogue {
    const kept = this.#kept.get(key);
    this.#kept.delete(key); // what is set again is the newest
    const fresh = kept?.stamp === stamp ? kept : { stamp, catalogue: read() };
    this.#kept.set(key, fresh);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return fresh.catalogue;
  }

  #noModule(name: string): EBPFError {
    const modules = this.modules();
    const message = `Cannot find the types of module "${name}"${didYouMean(name, modules)}`;
    return resourceError("btf_not_found", message, {
      module: name,
      hint: modules.length === 0
        ? "No module of this kernel shows BTF: leave module out for the kernel's own types"
        : "A module must be loaded and built with BTF; inspect_state fields:[btf] lists them",
    });
  }
}

function isModule(name: string): boolean {
  return name !== "" && name !== VMLINUX;
}

/** The BTF objects of the kernel and its modules. */
function* kernelObjects(): Generator<BtfInfo> {
  for (const { fd } of walkObjects("btf")) {
    const info = btfInfo(fd.number);
    if (info.kernel === true) yield info;
  }
}

function missingBtf(): EBPFError {
  return new EBPFError("kernel", "feature_missing", "Cannot read the kernel's types: it has none", {
    path: `${FOLDER}/${VMLINUX}`,
    hint: "Use a kernel with CONFIG_DEBUG_INFO_BTF=y (5.4 or newer), mount sysfs on /sys, or " +
      "run with CAP_SYS_ADMIN; types of a loaded object are still there by btf_id",
  });
}
