// A BTF with every kind of type, and a split one that continues it.
import { Btf } from "../../src/btf/btf.ts";
import { BtfBuilder } from "../support/btf_builder.ts";

/** Every kind, event types and argv tags among them. */
export function everyKind(): Uint8Array<ArrayBuffer> {
  const btf = new BtfBuilder();
  const u32 = btf.int("unsigned int", 4);
  const s64 = btf.int("long", 8, { signed: true });
  const bool = btf.int("_Bool", 1, { bool: true });
  const char = btf.int("char", 1, { signed: true, char: true });
  const old = btf.int("int:5", 4, { bits: 5, bitOffset: 3 });
  const wide = btf.int("__int128", 16, { signed: true });
  const real = btf.float("double", 8);
  const state = btf.enumeration("state", 4, { NEW: 0, OPEN: 4, CLOSED: -1 });
  const mask = btf.enum64("mask", { LOW: 1n, HIGH: 0xffff_0000_0000_0000n });
  const comm = btf.array(char, 16, u32);
  const pair = btf.union("", 8, [{ name: "both", type: s64 }, { name: "low", type: u32 }]);
  const event = btf.struct("event", 96, [
    { name: "pid", type: u32 },
    { name: "", type: pair, offset: 8 },
    { name: "state", type: btf.volatile(state), offset: 16 },
    { name: "mask", type: mask, offset: 24 },
    { name: "comm", type: comm, offset: 32 },
    { name: "real", type: btf.const(real), offset: 48 },
    { name: "next", type: btf.restrict(btf.ptr(btf.typeTag("user", u32))), offset: 56 },
    { name: "wide", type: wide, offset: 64 },
    { name: "ok", type: bool, offset: 80 },
    { name: "rest", type: btf.array(char, 8), offset: 88 },
  ]);
  btf.declTag("argv", event, 9);
  const flags = btf.struct("flags", 8, [
    { name: "a", type: u32, bitOffset: 0, bitSize: 3 },
    { name: "b", type: bool, bitOffset: 3, bitSize: 1 },
    { name: "c", type: state, bitOffset: 4, bitSize: 7 },
    { name: "d", type: old, bitOffset: 32, bitSize: 5 },
  ]);
  const open = btf.struct("open", 4, [
    { name: "count", type: u32 },
    { name: "items", type: btf.array(flags, 0), offset: 4 },
  ]);
  btf.typedef("open_t", open);
  btf.fwd("elsewhere", "struct");
  btf.fwd("other", "union");
  btf.func("handle", btf.prototype(u32, { ctx: btf.ptr(event), "": 0 }));
  const types = [event, flags, open].map((struct, index) => {
    const variable = btf.variable(`type_${index}`, btf.ptr(struct));
    return { variable, offset: index * 8, size: 8 };
  });
  btf.datasec(".event_types", 24, types);
  btf.datasec(".bss", 0, [{ variable: btf.variable("late", s64, 0), offset: 0, size: 8 }]);
  return btf.bytes();
}

/** What a module adds: types that refer to the base's. */
export function splitBtf(base: Uint8Array): Uint8Array<ArrayBuffer> {
  const parent = Btf.parse(base);
  const stringsLength = new DataView(base.buffer).getUint32(20, true);
  const btf = new BtfBuilder({ typeCount: parent.typeCount, stringsLength });
  const [u32 = 1] = parent.find("unsigned int");
  const [event = 1] = parent.find("event");
  const own = btf.struct("module_event", 104, [
    { name: "inner", type: event },
    { name: "count", type: btf.typedef("module_count", u32), offset: 96 },
  ]);
  btf.declTag("argv", event, 4);
  const variable = btf.variable("module_type", btf.ptr(own));
  btf.datasec(".event_types", 8, [{ variable, offset: 0, size: 8 }]);
  return btf.bytes();
}
