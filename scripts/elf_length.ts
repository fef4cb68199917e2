// How long an executable is by its own account, without what was appended to it.

const MAGIC = 0x7f454c46;
const HEADER_BYTES = 64;

/**
 * The bytes of a 64-bit little-endian ELF file up to the end of its section headers, which linkers
 * write last. Whatever follows was appended later.
 */
export function elfLength(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < HEADER_BYTES || view.getUint32(0) !== MAGIC) throw new Error("not an ELF file");
  const sectionOffset = Number(view.getBigUint64(40, true)); // e_shoff
  const sectionBytes = view.getUint16(58, true); // e_shentsize
  const sections = view.getUint16(60, true); // e_shnum
  const length = sectionOffset + sectionBytes * sections;
  if (length > file.length) throw new Error(`ELF file has ${file.length} bytes, claims ${length}`);
  return length;
}
