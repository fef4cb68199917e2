import assert from "node:assert/strict";
import type { FieldMeaning } from "../../../src/gadgets/field.ts";
import { presentFields } from "../../../src/gadgets/present.ts";

const doc = "a field";
const meanings: Record<string, FieldMeaning> = {
  ret: { doc, format: "errno" },
  sig: { doc, format: "signal" },
  nr: { doc, format: "syscall" },
  cap: { doc, format: "capability" },
  daddr: { doc, format: "address" },
  mode: { doc, format: "mode" },
  dev: { doc, format: "device" },
  slots: { doc, format: "log2" },
  bytes: { doc, unit: "bytes" },
  port: { doc, format: "port" },
};

const v4 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3];

Deno.test("presentFields: names stand right behind their numbers", () => {
  const shown = presentFields(meanings, { ret: -2, sig: 9, cap: 21, bytes: 5 });
  assert.deepEqual(Object.entries(shown), [
    ["ret", -2],
    ["ret_name", "ENOENT"],
    ["sig", 9],
    ["sig_name", "SIGKILL"],
    ["cap", 21],
    ["cap_name", "CAP_SYS_ADMIN"],
    ["bytes", 5],
  ]);
});

Deno.test("presentFields: system calls are named by the table that is asked", () => {
  const name = (nr: number, table: "x86_64" | "i386" | "aarch64") =>
    presentFields(meanings, { nr }, { table }).nr_name;
  assert.equal(name(257, "x86_64"), "openat");
  assert.equal(name(56, "aarch64"), "openat");
  assert.equal(name(5, "i386"), "open");
  assert.equal(name(257, "aarch64"), undefined);
});

Deno.test("presentFields: an address takes the place of its bytes", () => {
  assert.deepEqual(presentFields(meanings, { daddr: v4 }), { daddr: "10.1.2.3" });
  assert.deepEqual(presentFields(meanings, { daddr: [1, 2] }), { daddr: [1, 2] });
});

Deno.test("presentFields: modes are octal, devices major and minor", () => {
  const shown = presentFields(meanings, { mode: 0o100644, dev: (8 << 20) + 17 });
  assert.equal(shown.mode_text, "0644");
  assert.equal(shown.dev_text, "8:17");
});

Deno.test("presentFields: what means nothing more stays alone", () => {
  const event = { ret: 0, sig: 0, nr: -1, cap: 64, slots: [1, 2], other: "x", toString: -2 };
  assert.deepEqual(presentFields(meanings, event), event);
  assert.deepEqual(presentFields(meanings, { ret: 12 }), { ret: 12 });
  assert.deepEqual(presentFields(meanings, { ret: -5000 }), { ret: -5000 });
});

Deno.test("presentFields: a field of the event is never overwritten", () => {
  assert.deepEqual(presentFields(meanings, { ret_name: "own", ret: -2 }), {
    ret_name: "own",
    ret: -2,
  });
});

Deno.test("presentFields: a port is one of TCP, or of what the event says", () => {
  const service = (port: number, transport: string) => port === 53 ? `dns over ${transport}` : null;
  const shown = (event: Record<string, unknown>) => presentFields(meanings, event, { service });
  assert.deepEqual(shown({ port: 53 }), { port: 53, port_name: "dns over tcp" });
  const udp = { protocol: "PROTOCOL_UDP", port: 53 };
  assert.deepEqual(shown(udp), { ...udp, port_name: "dns over udp" });
  for (const port of [0, 54, "53", null]) assert.deepEqual(shown({ port }), { port });
  assert.deepEqual(presentFields(meanings, { port: 53 }), { port: 53 });
});
