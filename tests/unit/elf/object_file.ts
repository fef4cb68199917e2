// A small object like those that clang writes: one program, one subprogram, a license, a map
// section, BTF, and one relocation.
import { buildElf, type SectionFields } from "../../support/elf_builder.ts";
import { exit, image, ldImm64 } from "../../support/insn_builder.ts";

export const program = image(ldImm64(1, 0n), exit());

/** The relocation of the program's first instruction against the third symbol. */
export const relocation = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0);

export const sections: readonly SectionFields[] = [
  { name: ".text", flags: 6, data: exit() },
  { name: "tracepoint/syscalls/sys_enter_openat", flags: 6, data: program },
  {
    name: ".reltracepoint/syscalls/sys_enter_openat",
    type: 9,
    data: relocation,
    link: 7,
    info: 2,
    entrySize: 16,
  },
  { name: "license", flags: 3, data: new TextEncoder().encode("Dual BSD/GPL\0") },
  { name: ".bss", type: 8, flags: 3, size: 4096 },
  { name: ".BTF", data: new Uint8Array(24) },
];

export const symbols = [
  { name: "on_open", section: 2, size: program.length },
  { name: "add", section: 1, binding: 0, size: 8 },
  { name: "counts", section: 5, type: 1, size: 8 },
];

export function objectFile(): Uint8Array {
  return buildElf({ sections, symbols });
}
