// Relocations: which instruction or word refers to which symbol.
import { invalidElf } from "./invalid_elf.ts";
import { type Section, SHT } from "./section.ts";
import { checkEntries } from "./symbol.ts";
import { readWord64 } from "./word64.ts";

const REL_BYTES = 16;
const RELA_BYTES = 24;

export interface Relocation {
  /** Offset in the section that the relocations are for. */
  offset: number;
  /** Index of the symbol. */
  symbol: number;
  /** R_BPF_…: 1 a 64-bit immediate, 2 and 3 data words, 10 a call. */
  type: number;
}

export function isRelocationTable(section: Section): boolean {
  return section.type === SHT.REL || section.type === SHT.RELA;
}

/**
 * Every relocation of `table`, in order; `table.info` is the section they are for.
 * @throws {EBPFError} validation/invalid_elf, reason corrupt
 */
export function* readRelocations(
  table: Section,
  symbolCount: number,
  subject: string,
): Generator<Relocation> {
  const entryBytes = table.type === SHT.RELA ? RELA_BYTES : REL_BYTES;
  checkEntries(table, entryBytes, subject);
  const bytes = table.data();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += entryBytes) {
    const symbol = view.getUint32(at + 12, true);
    if (symbol >= symbolCount) {
      throw invalidElf({
        subject,
        reason: "corrupt",
        current: `section ${table.index} refers to symbol ${symbol}`,
        wanted: `one of ${symbolCount}`,
        context: { section: table.index },
      });
    }
    yield { offset: readWord64(view, at), symbol, type: view.getUint32(at + 8, true) };
  }
}
