// Finds the BPF objects in a file: the file itself, or those that a skeleton put into it.

const HEADER_BYTES = 64;
/** ELF, 64 bits, little endian. */
const MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
const ET_REL = 1;
const EM_BPF = 247;
const SHT_NOBITS = 8;

/** The bytes of each relocatable BPF object in `file`, in order. */
export function cutObjects(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const objects: Uint8Array<ArrayBuffer>[] = [];
  let at = file.indexOf(MAGIC[0] ?? 0);
  while (at >= 0) {
    const length = objectLength(file.subarray(at));
    if (length > 0) objects.push(file.slice(at, at + length));
    at = file.indexOf(MAGIC[0] ?? 0, at + Math.max(length, 1));
  }
  return objects;
}

/** How long the BPF object at the start of `bytes` is; 0 when there is none, or not all of it. */
function objectLength(bytes: Uint8Array<ArrayBuffer>): number {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte)) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(16, true) !== ET_REL || view.getUint16(18, true) !== EM_BPF) return 0;
  const sections = Number(view.getBigUint64(40, true)); // e_shoff
  const sectionBytes = view.getUint16(58, true); // e_shentsize
  const end = sections + sectionBytes * view.getUint16(60, true); // e_shnum
  if (end > bytes.length) return 0;
  const ends = [end];
  for (let at = sections; at < end; at += sectionBytes) {
    if (view.getUint32(at + 4, true) === SHT_NOBITS) continue;
    ends.push(Number(view.getBigUint64(at + 24, true) + view.getBigUint64(at + 32, true)));
  }
  const length = Math.max(...ends);
  return length > bytes.length ? 0 : length;
}
