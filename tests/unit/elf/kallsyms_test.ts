import assert from "node:assert/strict";
import * as fc from "fast-check";
import { KallsymsReader, type KernelFunctions } from "../../../src/elf/kallsyms.ts";

const encoder = new TextEncoder();

function read(...parts: string[]): KernelFunctions {
  const reader = new KallsymsReader("with addresses");
  for (const part of parts) reader.read(encoder.encode(part));
  return reader.finish();
}

function rows(functions: KernelFunctions) {
  return Array.from({ length: functions.count }, (_, index) => [
    functions.names.name(index),
    functions.module(index),
    `0x${functions.address(index)?.toString(16)}`,
  ]);
}

const recorded = `ffffffff81000000 T _stext
ffffffff81000000 t __pfx_vfs_read
ffffffff81000010 T vfs_read
ffffffff81000100 W weak_one
ffffffff81000200 w weak_two
ffffffff82000000 D init_task
ffffffff82000100 r __ksymtab_x
ffffffff83000000 t init.cold
ffffffffc0000000 t veth_open\t[veth]
ffffffffc0000100 d veth_ops\t[veth]
ffffffffc0000200 T nft_do_chain\t[nf_tables]
ffffffffc0000300 t veth_close\t[veth]
ffffffffc0001000 t bpf_prog_6deef7357e7b4530_probe\t[bpf]
ffffffffc0002000 t ftrace_trampoline\t[__builtin__ftrace]
`;

Deno.test("KallsymsReader takes functions with module and address, and nothing else", () => {
  assert.deepEqual(rows(read(recorded)), [
    ["_stext", "vmlinux", "0xffffffff81000000"],
    ["vfs_read", "vmlinux", "0xffffffff81000010"],
    ["weak_one", "vmlinux", "0xffffffff81000100"],
    ["weak_two", "vmlinux", "0xffffffff81000200"],
    ["init.cold", "vmlinux", "0xffffffff83000000"],
    ["veth_open", "veth", "0xffffffffc0000000"],
    ["nft_do_chain", "nf_tables", "0xffffffffc0000200"],
    ["veth_close", "veth", "0xffffffffc0000300"],
  ]);
});

Deno.test("KallsymsReader gives the same whatever the parts that lines come in", () => {
  const lines = recorded.split("\n").filter((line) => line !== "").map((line) => `${line}\n`);
  assert.deepEqual(rows(read(...lines)), rows(read(recorded)));
  assert.deepEqual(rows(read(recorded.trimEnd())), rows(read(recorded)));
});

Deno.test("KallsymsReader tells which names occur more than once", () => {
  const { names } = read(recorded, recorded);
  const first = names.find("vfs_read");
  assert.equal(names.name(first), "vfs_read");
  assert.equal(names.occurrences(first), 2);
  assert.equal(names.matching((name) => name === "vfs_read", "").length, 2);
  assert.equal(names.find("vfs_rea"), -1);
  assert.equal(names.find(""), -1);
});

Deno.test("KallsymsReader shows no byte that a name may not hold", () => {
  const functions = read("ffffffff81000010 T a\u001b[2J\nffffffff81000020 T b\u00e9\u202ec\n");
  assert.deepEqual(rows(functions).map(([name]) => name), ["b?????c"]);
});

Deno.test("KallsymsReader leaves out what is no line of a kernel's", () => {
  for (const text of ["", "\n", "T\n", "0 T x\n", "x".repeat(100), "\n".repeat(100)]) {
    assert.equal(read(text).count, 0);
  }
  assert.deepEqual(rows(read("short\nffffffff81000010 T vfs_read\n")), []);
});

Deno.test("KallsymsReader finds every one of random names, by part and whole", () => {
  const name = fc.string({ unit: fc.constantFrom("a", "b", "_", "1", "."), minLength: 1 });
  fc.assert(
    fc.property(fc.array(name, { maxLength: 60 }), name, (all, other) => {
      const functions = read(all.map((one) => `ffffffff81000000 t ${one}\n`).join(""));
      const { names } = functions;
      assert.deepEqual([...names.all()], all);
      for (const one of [...all, other]) {
        const index = names.find(one);
        assert.equal(index, all.indexOf(one));
        const wanted = all.flatMap((candidate, at) => candidate.includes(one) ? [at] : []);
        assert.deepEqual(names.matching((candidate) => candidate.includes(one), one), wanted);
        if (index === -1) continue;
        assert.equal(names.occurrences(index), all.filter((candidate) => candidate === one).length);
      }
    }),
    { numRuns: 300, seed: 4 },
  );
});

Deno.test("KallsymsReader survives random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(300), (bytes, at) => {
      const line = encoder.encode("ffffffff81000010 T vfs_read\t[m]\n");
      const mixed = Uint8Array.from([...line, ...line, ...line]);
      mixed.set(bytes.subarray(0, Math.max(0, mixed.length - at)), Math.min(at, mixed.length));
      const reader = new KallsymsReader("with addresses");
      reader.read(mixed);
      reader.read(bytes);
      const functions = reader.finish();
      for (const name of functions.names.all()) assert.match(name, /^[\x21-\x7e]*$/);
    }),
    { numRuns: 500, seed: 4 },
  );
});

Deno.test("KallsymsReader leaves addresses out unless they are wanted", () => {
  const reader = new KallsymsReader("without addresses");
  reader.read(encoder.encode(recorded));
  const functions = reader.finish();
  assert.equal(functions.count, 8);
  assert.equal(functions.address(0), null);
  assert.equal(functions.module(5), "veth");
});

Deno.test("KernelFunctions finds the first function at an address", () => {
  const functions = read(recorded, "ffffffff81000010 T ksys_read_alias\n");
  const nameAt = (address: bigint) => {
    const index = functions.at(address);
    return index === -1 ? null : functions.names.name(index);
  };
  assert.equal(nameAt(0xffffffff81000010n), "vfs_read");
  assert.equal(nameAt(0xffffffffc0000300n), "veth_close");
  for (const none of [0n, 0xffffffff81000011n, 0x81000010n, 0xffffffffc0001000n, 1n << 63n]) {
    assert.equal(nameAt(none), null);
  }
  assert.equal(read("0000000000000000 T hidden\n").at(0n), -1);
  assert.equal(read("").at(0xffffffff81000010n), -1);
});

Deno.test("KernelFunctions finds every function by its address", () => {
  const address = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
  const close = fc.bigInt({ min: 1n, max: 80n }).map((number) => number << 28n);
  fc.assert(
    fc.property(fc.array(fc.oneof(address, close), { maxLength: 100 }), close, (all, other) => {
      const lines = all.map((one) => `${one.toString(16).padStart(16, "0")} T f\n`);
      const functions = read(lines.join(""));
      for (const one of [...all, other]) assert.equal(functions.at(one), all.indexOf(one));
    }),
    { numRuns: 200, seed: 4 },
  );
});

Deno.test("KernelFunctions knows no address that was not read", () => {
  const reader = new KallsymsReader("without addresses");
  reader.read(encoder.encode(recorded));
  assert.equal(reader.finish().at(0xffffffff81000010n), -1);
});
