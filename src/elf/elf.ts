// A BPF object file as sections, symbols and relocations. Checked whole before libbpf sees a byte,
// because libbpf answers nearly every fault here with the same error number.
import { readHeader } from "./header.ts";
import { invalidElf } from "./invalid_elf.ts";
import { NameTable } from "./name_table.ts";
import { isRelocationTable, readRelocations, type Relocation } from "./relocation.ts";
import { readSectionHeader, Section, SHT } from "./section.ts";
import { checkEntries, type ElfSymbol, readSymbols, STT, SYMBOL_BYTES } from "./symbol.ts";

/** What libbpf keeps of the license, less its final NUL (libbpf.c, struct bpf_object). */
const MAX_LICENSE_BYTES = 63;
/** Above this an object is an attack on memory, not a set of programs. */
const MAX_FUNCTIONS = 65_536;
/** Code that programs call, not programs (libbpf's rule). */
const SUBPROGRAMS = ".text";

/** A function in an executable section. */
export interface ElfFunction {
  name: string;
  /** The section's name: says the program type; `.text` holds subprograms. */
  section: string;
  /** Offset in the section and size, both in bytes. */
  offset: number;
  size: number;
}

export class ElfFile {
  readonly subject: string;
  /** All sections, the null section included, so that a section's index is its place. */
  readonly sections: readonly Section[];
  readonly #size: number;
  readonly #byName: ReadonlyMap<string, Section>;
  readonly #symbolTable: Section;
  /** Relocation tables by the index of the section they are for. */
  readonly #relocationTables: ReadonlyMap<number, readonly Section[]>;

  private constructor(subject: string, size: number, sections: readonly Section[]) {
    this.subject = subject;
    this.sections = sections;
    this.#size = size;
    // The first of a name wins, as in libelf's callers.
    this.#byName = new Map(sections.toReversed().map((section) => [section.name, section]));
    this.#symbolTable = this.#theSymbolTable();
    const tables = sections.filter(isRelocationTable);
    const total = tables.reduce((sum, table) => sum + table.size, 0);
    if (total > size) throw this.#corrupt(`relocations have ${total} bytes`, `at most ${size}`);
    this.#relocationTables = Map.groupBy(tables, ({ info }) => info);
  }

  /**
   * Reads a little-endian 64-bit relocatable BPF object. The bytes are referred to, not copied.
   * @param subject what messages call it
   * @throws {EBPFError} validation/invalid_elf with `reason`, `current`, `wanted` and a hint
   */
  static parse(bytes: Uint8Array, subject = "object"): ElfFile {
    const { sectionTableOffset, sectionCount, nameTableIndex } = readHeader(bytes, subject);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headers = Array.from(
      { length: sectionCount },
      (_, index) => readSectionHeader(view, sectionTableOffset, index, subject),
    );
    const nameTable = headers.at(nameTableIndex);
    if (nameTable?.type !== SHT.STRTAB) {
      throw invalidElf({
        subject,
        reason: "corrupt",
        current: `section ${nameTableIndex} of ${sectionCount} is to name the others`,
        wanted: "a string table",
      });
    }
    const strings = new Section(bytes, nameTable, "").data();
    const names = new NameTable(strings, subject, nameBudget(bytes.length));
    const sections = headers.map((header) =>
      new Section(bytes, header, names.read(header.nameOffset))
    );
    return new ElfFile(subject, bytes.length, sections);
  }

  hasSection(name: string): boolean {
    return this.#byName.has(name);
  }

  section(name: string): Section | null {
    return this.#byName.get(name) ?? null;
  }

  /** Whether the object describes its types: maps and events can be decoded, CO-RE can work. */
  get hasBtf(): boolean {
    return this.hasSection(".BTF");
  }

  /** Sections whose functions are programs; their names say the program types. */
  get programSections(): Section[] {
    return this.sections.filter(({ isExecutable, name }) => isExecutable && name !== SUBPROGRAMS);
  }

  /** The license that the kernel is told, or null when there is none. */
  get license(): string | null {
    const bytes = this.section("license")?.data().subarray(0, MAX_LICENSE_BYTES);
    if (bytes === undefined) return null;
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  get symbolCount(): number {
    return this.#symbolTable.size / SYMBOL_BYTES;
  }

  /** Every symbol, one at a time. */
  symbols(): Generator<ElfSymbol> {
    const names = this.sections[this.#symbolTable.link];
    return readSymbols(this.#symbolTable, names, nameBudget(this.#size), this.subject);
  }

  /** Every relocation for `section`, one at a time. */
  *relocations(section: Section): Generator<Relocation> {
    for (const table of this.#relocationTables.get(section.index) ?? []) {
      yield* readRelocations(table, this.symbolCount, this.subject);
    }
  }

  /** The functions in executable sections: programs, and in `.text` subprograms. */
  functions(): ElfFunction[] {
    const found: ElfFunction[] = [];
    for (const { name, type, section: index, value, size } of this.symbols()) {
      const section = this.sections.at(index);
      if (type !== STT.FUNC || section === undefined || !section.isExecutable) continue;
      if (found.length === MAX_FUNCTIONS) {
        throw this.#corrupt("it has more functions", `at most ${MAX_FUNCTIONS}`);
      }
      const end = value + size;
      if (end > section.size) {
        throw this.#corrupt(
          `a function ends at byte ${end} of section ${index}`,
          `at most ${section.size}`,
        );
      }
      found.push({ name, section: section.name, offset: value, size });
    }
    return found;
  }

  #theSymbolTable(): Section {
    const tables = this.sections.filter(({ type }) => type === SHT.SYMTAB);
    const [table] = tables;
    if (tables.length !== 1) throw this.#corrupt(`it has ${tables.length} symbol tables`, 1);
    checkEntries(table, SYMBOL_BYTES, this.subject);
    if (this.sections.at(table.link)?.type === SHT.STRTAB) return table;
    throw this.#corrupt(`section ${table.link} is to name the symbols`, "a string table");
  }

  #corrupt(current: string, wanted: string | number): Error {
    return invalidElf({ subject: this.subject, reason: "corrupt", current, wanted: `${wanted}` });
  }
}

/** Names may share tails, so all of them may exceed the file; no real object comes near this. */
function nameBudget(fileSize: number): number {
  return 4 * fileSize + 2 ** 20;
}
