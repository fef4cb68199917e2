import assert from "node:assert/strict";
import { KallsymsReader } from "../../../src/elf/kallsyms.ts";

function functions(text: string, addresses: "with addresses" | "without addresses") {
  const reader = new KallsymsReader(addresses);
  reader.read(new TextEncoder().encode(text));
  return reader.finish();
}

const list = [
  "ffffffff81000000 T _stext",
  "ffffffff81000100 t first",
  "ffffffff81000100 t alias",
  "ffffffff81000200 T second",
  "ffffffffc0002000 t late\t[mod]",
  "ffffffffc0001000 t early\t[mod]",
  "ffff800080000000 T lowest",
].map((line) => `${line}\n`).join("");

Deno.test("KernelFunctions.below: finds the function that begins last before an address", () => {
  const all = functions(list, "with addresses");
  const below = (address: bigint) => {
    const index = all.below(address);
    return index < 0 ? null : all.names.name(index);
  };
  assert.equal(below(0xffffffff81000000n), "_stext");
  assert.equal(below(0xffffffff810000ffn), "_stext");
  assert.equal(below(0xffffffff81000100n), "first", "the first of two names");
  assert.equal(below(0xffffffff810001ffn), "first");
  assert.equal(below(0xffffffffc0001fffn), "early", "modules need not be sorted");
  assert.equal(below(0xffffffffc0002001n), "late");
  assert.equal(below(0xffffffffffffffffn), "late");
  assert.equal(below(0xffff800080000001n), "lowest");
  assert.equal(below(0xffff80007fffffffn), null);
});

Deno.test("KernelFunctions.below: knows nothing where addresses are hidden or not read", () => {
  assert.equal(functions(list, "without addresses").below(0xffffffff81000100n), -1);
  const hidden = list.replaceAll(/^[0-9a-f]{16}/gm, "0".repeat(16));
  assert.equal(functions(hidden, "with addresses").below(0xffffffff81000100n), -1);
});
