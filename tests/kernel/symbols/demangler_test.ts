// Names that g++ 12 and rustc 1.95 gave to the functions of small programs.
import assert from "node:assert/strict";
import { embeddedFolder } from "../../../scripts/paths.ts";
import { Demangler, limitMemory } from "../../../src/symbols/demangler.ts";
import { kernelTest } from "../../support/kernel_test.ts";

const moduleBytes = () => Deno.readFileSync(new URL("demangler.bin", embeddedFolder));

const names: readonly (readonly [mangled: string, plain: string])[] = [
  // C++
  ["_ZN4shop3JobD0Ev", "shop::Job::~Job()"],
  ["_ZN4shop3JobpLERKS0_", "shop::Job::operator+=(shop::Job const&)"],
  ["_ZL5applySt8functionIFiiEE", "apply(std::function<int (int)>)"],
  [
    "_ZNK4shop5QueueIlE4takeERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEi",
    "shop::Queue<long>::take(std::__cxx11::basic_string<char, std::char_traits<char>, " +
    "std::allocator<char> > const&, int) const",
  ],
  ["_ZZ4mainENKUliE_clEi", "main::{lambda(int)#1}::operator()(int) const"],
  ["_ZN12_GLOBAL__N_1L6hiddenEv", "(anonymous namespace)::hidden()"],
  ["_Z4workv.cold", "work() [clone .cold]"],
  // Rust, the newer mangling
  ["_RNvCsbsFkZsjFIc5_1w4main", "w::main"],
  ["_RNCNvCsbsFkZsjFIc5_1w4main0B3_", "w::main::{closure#0}"],
  ["_RNvXCsbsFkZsjFIc5_1wNtB2_4SpinNtB2_3Job3run", "<w::Spin as w::Job>::run"],
  [
    "_RNvMs_CsbsFkZsjFIc5_1wINtB4_5QueueNtNtCslNYArtu3iFV_5alloc6string6StringE4takeB4_",
    "<w::Queue<alloc::string::String>>::take",
  ],
  [
    "_RINvNtNtCsbsFkZsjFIc5_1w5inner4deep4workNCNvB6_4main0EB6_",
    "w::inner::deep::work::<w::main::{closure#0}>",
  ],
  // Rust, the older one
  ["_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt"],
  [
    "_ZN4spin4main28_$u7b$$u7b$closure$u7d$$u7d$17h1234567890abcdefE",
    "spin::main::{{closure}}",
  ],
];

kernelTest("Demangler reads the names of C++ and of both manglings of Rust", () => {
  const demangler = new Demangler(moduleBytes);
  for (const [mangled, plain] of names) assert.equal(demangler.demangle(mangled), plain);
  for (const [mangled, plain] of names) assert.equal(demangler.demangle(mangled), plain, "kept");
});

kernelTest("Demangler leaves alone what is not mangled, and reads no module for it", () => {
  const demangler = new Demangler(() => assert.fail("it was read"));
  for (const name of ["", "main", "__libc_start_main", "_start", "Z3foov", "_Rust", "?f@@YAHXZ"]) {
    assert.equal(demangler.demangle(name), name);
  }
  assert.equal(demangler.demangle(`_Z${"9".repeat(5000)}`).length, 5002);
});

kernelTest("Demangler gives back what only looks mangled", () => {
  const demangler = new Demangler(moduleBytes);
  for (const name of ["_Z", "_ZZZ", "_Z1", "_ZN", "_RA", "_RNv", "_Z9999999999999999999f"]) {
    assert.equal(demangler.demangle(name), name);
  }
});

/** A function whose every parameter's type has the one before twice: it doubles each time. */
function bomb(parameters: number): string {
  const digits = (index: number) => (index - 1).toString(36).toUpperCase();
  const types = Array.from(
    { length: parameters },
    (_, at) => `S_IS${digits(at + 2)}_S${digits(at + 2)}_E`,
  );
  return `_Z1f1AI1b1bE${types.join("")}`;
}

kernelTest("Demangler bounds what a name may cost that means gigabytes", () => {
  const demangler = new Demangler(moduleBytes);
  assert.equal(demangler.demangle(bomb(10)).length, 512, "cut");
  const before = performance.now();
  for (let parameters = 60; parameters < 90; parameters++) {
    const name = bomb(parameters);
    assert.equal(demangler.demangle(name), name);
  }
  const seconds = (performance.now() - before) / 1000;
  assert.ok(seconds < 20, `${seconds} s`); // without the bound the first takes all memory
  assert.equal(demangler.demangle("_ZN4shop3JobD0Ev"), "shop::Job::~Job()", "it goes on");
});

kernelTest("limitMemory refuses a module without a memory of its own", () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  assert.throws(() => limitMemory(empty, 64), TypeError);
  assert.throws(() => limitMemory(new Uint8Array(0), 64), TypeError);
  assert.ok(WebAssembly.validate(limitMemory(moduleBytes(), 64)));
  assert.throws(() => limitMemory(moduleBytes(), 1), TypeError);
});
