// What CO-RE relocates in an object, read from a .BTF.ext section that checkBtfExt has passed.
// Layout: linux/bpf.h, struct bpf_core_relo.
import type { TypeId } from "./kind.ts";

const HEADER_WITH_CORE = 32;
const SECTION_HEADER = 8;

/** `enum bpf_core_relo_kind`, those that need more of a type than its own layout. */
export const CoreKind = { typeIdLocal: 6, typeIdTarget: 7, typeMatches: 12 } as const;

export interface CoreRelocation {
  /** Of the object's BTF: where the access begins. */
  readonly root: TypeId;
  readonly kind: number;
}

export function* coreRelocations(bytes: Uint8Array): Generator<CoreRelocation> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = view.getUint32(4, true);
  if (header < HEADER_WITH_CORE) return;
  const start = header + view.getUint32(24, true);
  const end = start + view.getUint32(28, true);
  if (end === start) return;
  const recordBytes = view.getUint32(start, true);
  for (let at = start + 4; at < end;) {
    const sectionEnd = at + SECTION_HEADER + view.getUint32(at + 4, true) * recordBytes;
    for (at += SECTION_HEADER; at < sectionEnd; at += recordBytes) {
      yield { root: view.getUint32(at + 4, true), kind: view.getUint32(at + 12, true) };
    }
  }
}
