import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import { compileDecoder } from "../../../src/btf/decode.ts";
import { findEventType } from "../../../src/btf/event_types.ts";
import { fieldsOf } from "../../../src/btf/fields.ts";
import { structBtf } from "../../../src/btf/struct_btf.ts";

Deno.test("structBtf: describes a struct that decoders read", () => {
  const { bytes, size, offsets } = structBtf("line", [
    { name: "time", type: "u64" },
    { name: "pid", type: "u32" },
    { name: "comm", type: { textBytes: 4 } },
    { name: "text", type: { textBytes: null } },
  ]);
  const btf = Btf.parse(bytes);
  const type = findEventType(btf, "line");
  assert.deepEqual([size, type.size, type.flexible], [16, 16, true]);
  assert.deepEqual([...offsets], [["time", 0], ["pid", 8], ["comm", 12], ["text", 16]]);
  assert.deepEqual(fieldsOf(btf, type.typeId).map((field) => [field.name, field.offset]), [
    ...offsets,
  ]);
  const record = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 97, 98, 0, 0, 104, 105]);
  assert.deepEqual(compileDecoder(btf, type.typeId)(record, 0, record.length), {
    time: 1,
    pid: 2,
    comm: "ab",
    text: "hi",
  });
});
