import assert from "node:assert/strict";
import fc from "fast-check";
import { parseTraceLine, programPrefix } from "../../../src/host/trace_line.ts";

const lines = [
  {
    line: "            bash-1234    [001] d..21 26116.805732: bpf_trace_printk: hello: 5",
    comm: "bash",
    tid: 1234,
    cpu: 1,
    timestampNs: 26_116_805_732_000n,
    event: "bpf_trace_printk",
    text: "hello: 5",
  },
  {
    line: "   a-b [000] 1-2-77      (     66) [003] ...1.     0.000001: bpf_trace_printk: x",
    comm: "a-b [000] 1-2",
    tid: 77,
    cpu: 3,
    timestampNs: 1000n,
    event: "bpf_trace_printk",
    text: "x",
  },
  {
    line: "           <...>-9       [000] .... 12.000000: 0x00000001: before 5.9",
    comm: "<...>",
    tid: 9,
    cpu: 0,
    timestampNs: 12_000_000_000n,
    event: "0x00000001",
    text: "before 5.9",
  },
  {
    line: "          <idle>-0       [000] dNs4. 4711: bpf_trace_printk: ",
    comm: "<idle>",
    tid: 0,
    cpu: 0,
    timestampNs: 4711n,
    event: "bpf_trace_printk",
    text: "",
  },
];

for (const { line, ...wanted } of lines) {
  Deno.test(`parseTraceLine: reads "${line.trim()}"`, () => {
    assert.deepEqual(parseTraceLine(line), { kind: "line", ...wanted });
  });
}

Deno.test("parseTraceLine: counts lost lines, and takes no text for them", () => {
  assert.deepEqual(parseTraceLine("CPU:1 [LOST 123 EVENTS]"), { kind: "lost", count: 123 });
  assert.deepEqual(parseTraceLine("CPU:0 [LOST EVENTS]"), { kind: "lost", count: 1 });
  assert.equal(parseTraceLine("CPU:1 [LOST 123 EVENTS] said somebody"), null);
});

Deno.test("parseTraceLine: reads any line without complaint", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (line) => {
    const found = parseTraceLine(line);
    assert.ok(found === null || found.kind === "lost" || line.endsWith(found.text));
  }));
});

Deno.test("parseTraceLine: gives back any name and text", () => {
  const name = fc.string({ minLength: 1, maxLength: 15 }).filter((one) => one.trim() === one);
  fc.assert(fc.property(name, fc.string(), (comm, text) => {
    const line = `${comm.padStart(16)}-${7}       [001] ..... 1.000000: bpf_trace_printk: ${text}`;
    const found = parseTraceLine(line);
    assert.ok(found?.kind === "line");
    assert.deepEqual([found.comm, found.text], [comm, text]);
  }));
});

Deno.test("programPrefix: finds the word before a colon", () => {
  assert.equal(programPrefix("my_prog: x"), "my_prog");
  assert.equal(programPrefix("[my_prog]: x"), "my_prog");
  assert.equal(programPrefix("no prefix: x"), null);
  assert.equal(programPrefix(""), null);
});
