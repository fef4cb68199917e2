import assert from "node:assert/strict";
import { ipText } from "../../../src/view/ip_address.ts";

function words(...values: number[]): number[] {
  return values.flatMap((value) => [value >> 8, value & 0xff]);
}

Deno.test("ipText: writes IPv4, also within IPv6, with dots", () => {
  assert.equal(ipText([192, 168, 0, 1]), "192.168.0.1");
  assert.equal(ipText(words(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)), "127.0.0.1");
});

Deno.test("ipText: shortens the longest run of zeros, the first of two", () => {
  assert.equal(ipText(words(0, 0, 0, 0, 0, 0, 0, 0)), "::");
  assert.equal(ipText(words(0, 0, 0, 0, 0, 0, 0, 1)), "::1");
  assert.equal(ipText(words(0xfe80, 0, 0, 0, 1, 2, 3, 4)), "fe80::1:2:3:4");
  assert.equal(ipText(words(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1)), "2001:db8::1:0:0:1");
  assert.equal(ipText(words(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1)), "2001:db8:0:1:1:1:1:1");
  assert.equal(ipText(words(1, 2, 3, 4, 5, 6, 0, 0)), "1:2:3:4:5:6::");
});

Deno.test("ipText: is null for what is no address", () => {
  assert.equal(ipText([]), null);
  assert.equal(ipText(new Uint8Array(15)), null);
});
