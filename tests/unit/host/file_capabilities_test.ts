import assert from "node:assert/strict";
import { parseFileCapabilities } from "../../../src/host/file_capabilities.ts";

/** A value of security.capability as the kernel stores it. */
function value(...words: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array(words).buffer);
}

const revision2 = 0x0200_0000;
const revision3 = 0x0300_0000;
const effective = 1;

Deno.test("parseFileCapabilities reads both halves of the masks", () => {
  const bits = value(revision2 | effective, 1 << 21, 0, (1 << 6) | (1 << 7), 1 << 7);
  assert.deepEqual(parseFileCapabilities(bits), {
    permitted: ["CAP_SYS_ADMIN", "CAP_PERFMON", "CAP_BPF"],
    inheritable: ["CAP_BPF"],
    effective: true,
  });
});

Deno.test("parseFileCapabilities reads what a user namespace set", () => {
  const bits = value(revision3, 1 << 12, 0, 0, 0, 1000);
  assert.deepEqual(parseFileCapabilities(bits), {
    permitted: ["CAP_NET_ADMIN"],
    inheritable: [],
    effective: false,
  });
});

Deno.test("parseFileCapabilities reads a part of a buffer, refuses a short one", () => {
  const bits = value(0, revision2, 1, 0, 0, 0);
  assert.deepEqual(parseFileCapabilities(bits.subarray(4))?.permitted, ["CAP_CHOWN"]);
  assert.equal(parseFileCapabilities(value(0x0100_0000, 1, 0)), null);
  assert.equal(parseFileCapabilities(value()), null);
});
