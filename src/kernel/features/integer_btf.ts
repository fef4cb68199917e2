// The smallest BTF that describes a key or a value: one type, `int`, with id 1.
import { fixedBytes } from "../../../ffi/struct.ts";

const MAGIC = 0xeb9f;
const VERSION = 1;
const HEADER_BYTES = 24;
/** Kind 1, no members. */
const INT_INFO = 1 << 24;
const INT_BYTES = 4;
/** Signed, from bit 0, 32 bits. */
const INT_ENCODING = 1 << 24 | 32;
const TYPE_BYTES = 16;
const strings = "\0int\0";

/** Loadable BTF (linux/btf.h). @since Linux 4.18 */
export function integerBtf(): Uint8Array<ArrayBuffer> {
  const bytes = fixedBytes(HEADER_BYTES + TYPE_BYTES + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, MAGIC, true);
  view.setUint8(2, VERSION);
  const header = [HEADER_BYTES, 0, TYPE_BYTES, TYPE_BYTES, strings.length];
  const type = [1, INT_INFO, INT_BYTES, INT_ENCODING];
  for (const [index, word] of [...header, ...type].entries()) {
    view.setUint32(4 + 4 * index, word, true);
  }
  bytes.set(new TextEncoder().encode(strings), HEADER_BYTES + TYPE_BYTES);
  return bytes;
}
