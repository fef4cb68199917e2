// Names of the kernel's addresses beside /proc/kallsyms, read once for all who ask.
import assert from "node:assert/strict";
import { Host } from "../../src/host/host.ts";
import { kernelTest } from "../support/kernel_test.ts";

/** First names of functions by address, some hundred of the whole list; not BPF's and ftrace's. */
async function someFunctions(): Promise<Map<bigint, string>> {
  const found = new Map<bigint, string>();
  for (const line of (await Deno.readTextFile("/proc/kallsyms")).split("\n")) {
    const [, digits, name] = /^(\S+) [tTwW] (?!__pfx_|__cfi_)(\S+)(?:\t(?!\[(?:bpf|__builtin_))|$)/
      .exec(line) ?? [];
    const address = BigInt(`0x${digits ?? "0"}`);
    if (name !== undefined && !found.has(address)) found.set(address, name);
  }
  const step = Math.floor(found.size / 300);
  return new Map([...found].filter((_, index) => index % step === 0));
}

kernelTest("KernelSymbols names addresses as kallsyms does, at once and later", async () => {
  const functions = await someFunctions();
  assert.ok(functions.size >= 300);
  const now = new Host().symbols.addressNamesNow();
  const later = await new Host().symbols.addressNames();
  for (const names of [now, later]) {
    for (const [address, name] of functions) assert.equal(names.at(address), name);
    assert.equal(names.at(names.callBase ?? 0n), "__bpf_call_base");
    assert.equal(names.at(0n), null);
  }
});

kernelTest("KernelSymbols reads once for all who ask for names or functions", async () => {
  const { symbols } = new Host();
  const [first, second] = await Promise.all([symbols.addressNames(), symbols.addressNames()]);
  assert.equal(first, second);
  assert.equal(await symbols.addressNames(), first);
  assert.equal(symbols.addressNamesNow(), first);
  const found = await symbols.read("without addresses");
  assert.ok("functions" in found && found.functions.address(0) !== null, "it is what names are of");
  const other = new Host().symbols;
  assert.equal(other.addressNamesNow(), await other.addressNames());
});
