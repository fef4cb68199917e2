import assert from "node:assert/strict";
import { parseInterface } from "../../../../src/host/netlink/interface.ts";
import {
  attribute,
  interfaceHeader,
  joined,
  text,
  word,
} from "../../../support/netlink_builder.ts";

const named = (index: number, ...rest: Uint8Array[]) =>
  joined(interfaceHeader(index), attribute(3, text("veth0")), ...rest);
const xdp = (...attributes: Uint8Array[]) => attribute(0x8000 | 43, joined(...attributes));
const attached = (mode: number) => attribute(2, word(mode, 1));

Deno.test("parseInterface reads index, name and kind", () => {
  const info = attribute(18, attribute(1, text("veth")));
  assert.deepEqual(parseInterface(named(5, info)), {
    index: 5,
    name: "veth0",
    kind: "veth",
    xdp: [],
  });
});

const modes = [["driver", 1, 5], ["generic", 2, 6], ["offload", 3, 7]] as const;
for (const [mode, number, type] of modes) {
  Deno.test(`parseInterface reads an XDP program in ${mode} mode, of old and new kernels`, () => {
    const old = named(5, xdp(attached(number), attribute(4, word(42))));
    const newer = named(
      5,
      xdp(attached(number), attribute(4, word(42)), attribute(type, word(42))),
    );
    for (const payload of [old, newer]) {
      assert.deepEqual(parseInterface(payload)?.xdp, [{ mode, programId: 42 }]);
    }
  });
}

Deno.test("parseInterface reads the programs of several XDP modes at once", () => {
  const payload = named(5, xdp(attached(4), attribute(6, word(8)), attribute(7, word(9))));
  assert.deepEqual(parseInterface(payload)?.xdp, [
    { mode: "generic", programId: 8 },
    { mode: "offload", programId: 9 },
  ]);
});

Deno.test("parseInterface tells of no XDP program where none is attached", () => {
  assert.deepEqual(parseInterface(named(5, xdp(attached(0))))?.xdp, []);
  assert.deepEqual(parseInterface(named(5, xdp(attached(1), attribute(4, word(0)))))?.xdp, []);
});

Deno.test("parseInterface refuses what is too short, nameless or without an index", () => {
  assert.equal(parseInterface(new Uint8Array(15)), null);
  assert.equal(parseInterface(interfaceHeader(5)), null);
  assert.equal(parseInterface(named(0)), null);
});
