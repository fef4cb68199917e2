// One section of an object file: its header, and its bytes without copying them.
import { SECTION_HEADER_BYTES } from "./header.ts";
import { invalidElf } from "./invalid_elf.ts";
import { readWord64 } from "./word64.ts";

/** Section types (elf.h, SHT_…). */
export const SHT = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  NOBITS: 8,
  REL: 9,
} as const;

/** Section flags (elf.h, SHF_…). */
export const SHF = { WRITE: 1, ALLOC: 2, EXECINSTR: 4 } as const;

export interface SectionHeader {
  readonly index: number;
  /** Where the name starts in the section name table. */
  readonly nameOffset: number;
  /** One of SHT, or another number. */
  readonly type: number;
  /** SHF bits; the low 32 of 64, which hold all that matters to BPF. */
  readonly flags: number;
  /** Where the bytes start in the file. */
  readonly offset: number;
  /** Size in memory in bytes; a NOBITS section has this size and no bytes. */
  readonly size: number;
  readonly link: number;
  readonly info: number;
  /** Bytes per entry for tables, else 0. */
  readonly entrySize: number;
}

/** Whether the file holds bytes for it: not for NOBITS (.bss) and the null section. */
function hasBytes({ type, size }: SectionHeader): boolean {
  return type !== SHT.NULL && type !== SHT.NOBITS && size > 0;
}

/**
 * Reads header `index` of the section table at `table` and checks that its bytes are in the file.
 * @throws {EBPFError} validation/invalid_elf, reason truncated
 */
export function readSectionHeader(
  view: DataView,
  table: number,
  index: number,
  subject: string,
): SectionHeader {
  const at = table + index * SECTION_HEADER_BYTES;
  const header = {
    index,
    nameOffset: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    flags: view.getUint32(at + 8, true),
    offset: readWord64(view, at + 24),
    size: readWord64(view, at + 32),
    link: view.getUint32(at + 40, true),
    info: view.getUint32(at + 44, true),
    entrySize: readWord64(view, at + 56),
  };
  const end = header.offset + header.size;
  if (hasBytes(header) && end > view.byteLength) {
    throw invalidElf({
      subject,
      reason: "truncated",
      current: `section ${index} ends at byte ${end}`,
      wanted: `it within ${view.byteLength} bytes`,
      context: { section: index, section_offset: header.offset, section_size: header.size },
    });
  }
  return header;
}

export class Section {
  readonly #file: Uint8Array;

  constructor(file: Uint8Array, readonly header: SectionHeader, readonly name: string) {
    this.#file = file;
  }

  get index(): number {
    return this.header.index;
  }

  get type(): number {
    return this.header.type;
  }

  get flags(): number {
    return this.header.flags;
  }

  get offset(): number {
    return this.header.offset;
  }

  get size(): number {
    return this.header.size;
  }

  get link(): number {
    return this.header.link;
  }

  get info(): number {
    return this.header.info;
  }

  get entrySize(): number {
    return this.header.entrySize;
  }

  /** Whether it holds instructions. */
  get isExecutable(): boolean {
    const { type, flags, size } = this.header;
    return type === SHT.PROGBITS && (flags & SHF.EXECINSTR) !== 0 && size > 0;
  }

  /** The bytes as a view into the file: nothing is copied. Empty where the file holds none. */
  data(): Uint8Array {
    const { offset, size } = this.header;
    return hasBytes(this.header)
      ? this.#file.subarray(offset, offset + size)
      : this.#file.subarray(0, 0);
  }
}
