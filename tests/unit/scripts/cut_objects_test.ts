import assert from "node:assert/strict";
import { cutObjects } from "../../../scripts/corpus/cut_objects.ts";

const HEADER_BYTES = 64;
const SECTION_BYTES = 64;

interface Shape {
  readonly machine?: number;
  readonly type?: number;
  /** Bytes that the one section has behind the section table. */
  readonly contents?: number;
  readonly sectionType?: number;
}

/** A header, a table of one section, and what is in it. */
function elf({ machine = 247, type = 1, contents = 8, sectionType = 1 }: Shape = {}) {
  const bytes = new Uint8Array(HEADER_BYTES + SECTION_BYTES + contents);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, machine, true);
  view.setBigUint64(40, BigInt(HEADER_BYTES), true);
  view.setUint16(58, SECTION_BYTES, true);
  view.setUint16(60, 1, true);
  view.setUint32(HEADER_BYTES + 4, sectionType, true);
  view.setBigUint64(HEADER_BYTES + 24, BigInt(HEADER_BYTES + SECTION_BYTES), true);
  view.setBigUint64(HEADER_BYTES + 32, BigInt(contents), true);
  bytes.fill(0xaa, HEADER_BYTES + SECTION_BYTES);
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

Deno.test("cutObjects: finds a file that is one object", () => {
  assert.deepEqual(cutObjects(elf()), [elf()]);
});

Deno.test("cutObjects: cuts each object out of an executable", () => {
  const host = elf({ machine: 62, type: 3 });
  const [first, second] = [elf({ contents: 3 }), elf({ contents: 40 })];
  const file = joined(host, new Uint8Array(5), first, new Uint8Array(9), second, host);
  assert.deepEqual(cutObjects(file), [first, second]);
});

Deno.test("cutObjects: leaves out sections that have no bytes in the file", () => {
  const object = elf({ sectionType: 8, contents: 1 << 10 });
  assert.deepEqual(cutObjects(object).map(({ length }) => length), [HEADER_BYTES + SECTION_BYTES]);
});

Deno.test("cutObjects: passes over what is cut off, empty or only looks like an object", () => {
  const object = elf();
  assert.deepEqual(cutObjects(object.slice(0, -1)), []);
  assert.deepEqual(cutObjects(new Uint8Array(0)), []);
  assert.deepEqual(cutObjects(joined(new Uint8Array([0x7f, 0x7f, 0x45]), object)), [object]);
});
