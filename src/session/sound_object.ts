// What is checked of an object before libbpf reads it, and what it wants relocated. libbpf 1.1
// trusts type ids, name offsets and relocations: a bad one does not fail, it ends the process.
import { Btf } from "../btf/btf.ts";
import { checkBtfExt } from "../btf/btf_ext.ts";
import { type CoreRelocation, coreRelocations } from "../btf/core_relocations.ts";
import { ElfFile } from "../elf/elf.ts";
import { validationError } from "../errors.ts";

/** The types that an object names, and what of them it wants to know of the kernel. */
export interface Relocatable {
  readonly btf: Btf;
  readonly relocations: readonly CoreRelocation[];
}

/**
 * Null when there is nothing to relocate.
 * @throws invalid_elf, invalid_btf
 */
export function requireSound(bytes: Uint8Array<ArrayBuffer>, name: string): Relocatable | null {
  const elf = ElfFile.parse(bytes, name);
  elf.functions();
  for (const section of elf.sections) {
    for (const _ of elf.relocations(section)) continue; // reading them checks them
  }
  const section = elf.section(".BTF");
  if (section === null) {
    requireNoMapTypes(elf);
    return null;
  }
  const btf = Btf.parse(section.data());
  const extension = elf.section(".BTF.ext");
  if (extension === null) return null;
  checkBtfExt(extension.data(), btf);
  const relocations = [...coreRelocations(extension.data())];
  return relocations.length === 0 ? null : { btf, relocations };
}

/** libbpf says ENOENT when maps are described by BTF that is not there. */
function requireNoMapTypes(elf: ElfFile): void {
  if (!elf.hasSection(".maps")) return;
  const message =
    `Cannot load "${elf.subject}": it has maps in ".maps" and no BTF to describe them`;
  throw validationError("invalid_btf", message, { hint: "compile with clang -g" });
}
