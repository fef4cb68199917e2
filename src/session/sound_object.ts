// What is checked of an object before libbpf reads it. libbpf 1.1 trusts type ids, name offsets and
// relocations: a bad one does not fail, it ends the process.
import { Btf } from "../btf/btf.ts";
import { checkBtfExt } from "../btf/btf_ext.ts";
import { ElfFile } from "../elf/elf.ts";
import { validationError } from "../errors.ts";

/** @throws invalid_elf, invalid_btf */
export function requireSound(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const elf = ElfFile.parse(bytes, name);
  elf.functions();
  for (const section of elf.sections) {
    for (const _ of elf.relocations(section)) continue; // reading them checks them
  }
  const section = elf.section(".BTF");
  if (section === null) return requireNoMapTypes(elf);
  const btf = Btf.parse(section.data());
  const extension = elf.section(".BTF.ext");
  if (extension !== null) checkBtfExt(extension.data(), btf);
}

/** libbpf says ENOENT when maps are described by BTF that is not there. */
function requireNoMapTypes(elf: ElfFile): void {
  if (!elf.hasSection(".maps")) return;
  const message =
    `Cannot load "${elf.subject}": it has maps in ".maps" and no BTF to describe them`;
  throw validationError("invalid_btf", message, { hint: "compile with clang -g" });
}
