import assert from "node:assert/strict";
import fc from "fast-check";
import { Btf } from "../../../src/btf/btf.ts";
import type { ProgramDump } from "../../../src/kernel/program_dump.ts";
import {
  type CalledNames,
  callsKernel,
  ProgramListing,
} from "../../../src/resources/program_listing.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";
import { exit, helperCall, image, insn, ldImm64 } from "../../support/insn_builder.ts";

const callBase = 0xffffffff81200000n;
const addresses = new Map([[callBase + 64n, "bpf_ktime_get_ns"]]);
const names: CalledNames = { at: (address) => addresses.get(address) ?? null, callBase };
const noHelper = () => null;

const builder = new BtfBuilder();
const int = builder.int("int", 4, { signed: true });
const pointer = builder.ptr(0);
const main = builder.func("on_event", builder.prototype(int, { ctx: pointer }));
const sub = builder.func("sub", builder.prototype(int, { "": 0 }));
const file = builder.string("tool.bpf.c");
const first = builder.string("\treturn bpf_ktime_get_ns();");
const second = builder.string("x\x1b[31m = 1;");
const btf = Btf.parse(builder.bytes());

const dump: ProgramDump = {
  image: new Uint8Array(image(
    helperCall(64),
    insn(0x85, { src: 1, offset: 3, imm: 1 }),
    ldImm64(1, 7n, 1),
    exit(),
    insn(0xb7, { imm: 1 }),
    exit(),
  )),
  functions: [{ first: 0, typeId: main }, { first: 5, typeId: sub }],
  lines: [
    { first: 0, fileAt: file, textAt: first, line: 3, column: 2 },
    { first: 1, fileAt: file, textAt: first, line: 3, column: 9 },
    { first: 2, fileAt: file, textAt: second, line: 4, column: 1 },
    { first: 5, fileAt: file, textAt: 0, line: 0, column: 0 },
  ],
  functionTags: ["6deef7357e7b4530", "c0ffee0000c0ffee"],
  btf,
};

function linesFrom(first: number, changed: Partial<ProgramDump> = {}): string[] {
  const listing = new ProgramListing({ ...dump, ...changed }, names, noHelper);
  return [...listing.from(first)].flatMap(({ lines }) => lines);
}

Deno.test("ProgramListing shows functions, each line of source once, and instructions", () => {
  assert.deepEqual(linesFrom(0), [
    "int on_event(void *ctx):",
    "; return bpf_ktime_get_ns();",
    "0: (85) call bpf_ktime_get_ns#64",
    "1: (85) call pc+3#bpf_prog_c0ffee0000c0ffee_sub",
    "; x\\x1b[31m = 1;",
    "2: (18) r1 = map[id:7]",
    "4: (95) exit",
    "int sub(...):",
    "5: (b7) r0 = 1",
    "6: (95) exit",
  ]);
  assert.equal(new ProgramListing(dump, names, noHelper).file, "tool.bpf.c");
});

Deno.test("ProgramListing goes on in the middle as it would have from the beginning", () => {
  assert.deepEqual(linesFrom(4), linesFrom(0).slice(6));
  assert.deepEqual(linesFrom(7), []);
});

Deno.test("callsKernel tells calls of the kernel from those of the program's own", () => {
  assert.equal(callsKernel(dump), true);
  const own = insn(0x85, { src: 1, offset: 0, imm: 1 });
  const imageOf = (...all: Parameters<typeof image>) => new Uint8Array(image(...all));
  assert.equal(callsKernel({ ...dump, image: imageOf(own, exit()) }), false);
  assert.equal(callsKernel({ ...dump, image: imageOf(helperCall(0), exit()) }), true);
  assert.equal(callsKernel({ ...dump, image: new Uint8Array(0) }), false);
});

Deno.test("ProgramListing names a function without BTF as the kernel does", () => {
  const call = linesFrom(1, { btf: null, functions: [], lines: [] })[0];
  assert.equal(call, "1: (85) call pc+3#bpf_prog_c0ffee0000c0ffee_F");
});

Deno.test("ProgramListing names no function that a kernel hides the number of", () => {
  const hidden = new Uint8Array(image(insn(0x85, { src: 1, offset: 3, imm: 0 }), exit()));
  const [call] = linesFrom(0, { image: hidden, functions: [], lines: [] });
  assert.equal(call, "0: (85) call pc+3");
});

Deno.test("ProgramListing does without BTF, addresses and lines", () => {
  const hidden: CalledNames = { at: () => null, callBase: null };
  const bare = { ...dump, functions: [], lines: [], functionTags: [], btf: null };
  const listing = new ProgramListing(bare, hidden, noHelper);
  const [call, own] = [...listing.from(0)].flatMap(({ lines }) => lines);
  assert.deepEqual([call, own], ["0: (85) call unknown#64", "1: (85) call pc+3"]);
  assert.equal(listing.file, null);
});

Deno.test("ProgramListing survives infos that lead nowhere", () => {
  const word = fc.integer({ min: 0, max: 0xffffffff });
  const functions = fc.array(fc.record({ first: fc.integer({ min: 0, max: 9 }), typeId: word }));
  const lines = fc.array(
    fc.record({
      first: fc.integer({ min: 0, max: 9 }),
      fileAt: word,
      textAt: word,
      line: word,
      column: word,
    }),
  );
  fc.assert(fc.property(functions, lines, (functions, lines) => {
    for (const line of linesFrom(0, { functions, lines })) assert.match(line, /^[ -~]+$/);
  }));
});
