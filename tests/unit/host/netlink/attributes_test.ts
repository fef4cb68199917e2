import assert from "node:assert/strict";
import fc from "fast-check";
import {
  byteOf,
  nested,
  readAttributes,
  splitMessages,
  textOf,
  wordOf,
} from "../../../../src/host/netlink/attributes.ts";
import { parseInterface } from "../../../../src/host/netlink/interface.ts";
import { parseFilter, parseQdisc } from "../../../../src/host/netlink/traffic_control.ts";
import { attribute, joined, message, text, word } from "../../../support/netlink_builder.ts";

const nothing = new Uint8Array();

Deno.test("splitMessages tells the messages of a datagram apart", () => {
  const datagram = joined(message(16, text("abc")), message(3, word(0)));
  const { messages, whole } = splitMessages(datagram);
  assert.equal(whole, true);
  assert.deepEqual(messages.map(({ type, sequence, flags }) => [type, sequence, flags]), [
    [16, 7, 2],
    [3, 7, 2],
  ]);
  assert.deepEqual(messages[0]?.payload, text("abc"));
});

for (const length of [0, 1, 15, 17 + 4, 100, 0x7fff_ffff, 0xffff_ffff]) {
  Deno.test(`splitMessages ends at a message whose length is ${length}`, () => {
    const good = message(16, word(1));
    const { messages, whole } = splitMessages(joined(good, message(16, word(2), length)));
    assert.deepEqual([messages.length, whole], [1, false]);
  });
}

Deno.test("splitMessages ends at a header that is cut", () => {
  for (let cut = 1; cut < 16; cut++) {
    const bytes = message(16, word(1));
    const { messages, whole } = splitMessages(joined(bytes, bytes.subarray(0, cut)));
    assert.deepEqual([messages.length, whole], [1, false]);
  }
});

Deno.test("readAttributes reads attributes of odd lengths, and nested ones", () => {
  const inner = joined(attribute(1, text("bpf")), attribute(2, word(5, 1)));
  const found = readAttributes(joined(attribute(3, text("veth12")), attribute(0x8000 | 18, inner)));
  assert.equal(textOf(found, 3), "veth12");
  assert.equal(textOf(nested(found, 18), 1), "bpf");
  assert.equal(byteOf(nested(found, 18), 2), 5);
  assert.equal(nested(found, 99).size, 0);
});

for (const length of [0, 1, 2, 3, 9, 0xffff]) {
  Deno.test(`readAttributes keeps what precedes an attribute whose length is ${length}`, () => {
    const bytes = joined(attribute(1, word(10)), attribute(2, word(20), length));
    const found = readAttributes(bytes);
    assert.deepEqual([...found.keys()], [1]);
    assert.equal(wordOf(found, 1), 10);
  });
}

Deno.test("readAttributes takes the last of several attributes with one type", () => {
  const found = readAttributes(joined(attribute(1, word(10)), attribute(1, word(20))));
  assert.equal(wordOf(found, 1), 20);
});

Deno.test("wordOf, byteOf and textOf tell a short or missing value", () => {
  const found = readAttributes(joined(attribute(1, word(7, 2)), attribute(2, nothing)));
  assert.deepEqual([wordOf(found, 1), wordOf(found, 9)], [null, null]);
  assert.deepEqual([byteOf(found, 2), textOf(found, 2), textOf(found, 9)], [null, "", null]);
});

Deno.test("textOf makes what a terminal would obey visible", () => {
  const found = readAttributes(attribute(3, text("e\u001b[2Jth")));
  assert.equal(textOf(found, 3), "e\\x1b[2Jth");
});

Deno.test("the netlink parsers end with any bytes, and read nothing beyond them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { messages } = splitMessages(bytes);
      assert.ok(messages.every(({ payload }) => payload.buffer === bytes.buffer));
      for (const { payload } of [...messages, { payload: bytes }]) {
        const attributes = readAttributes(payload);
        const sum = attributes.values().reduce((total, { length }) => total + length + 4, 0);
        assert.ok(sum <= payload.length + 3);
        parseInterface(payload);
        parseFilter(payload);
        parseQdisc(payload);
      }
    }),
    { numRuns: 3000 },
  );
});
