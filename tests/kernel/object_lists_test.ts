// Word of objects that appear and go, drawn from the kernel's ids.
import assert from "node:assert/strict";
import { ObjectLists } from "../../src/kernel/object_lists.ts";
import { list } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load } from "../support/loaded.ts";
import { until } from "../support/within.ts";

const tellTimeoutMs = 10_000;

kernelTest("ObjectLists.ids: gives the ids that bpftool lists", async () => {
  await using object = await load("maps");
  const lists = new ObjectLists();
  const ours = object.maps.map(({ info }) => info.id);
  const ids = lists.ids("map");
  assert.deepEqual(ids, ids.toSorted((a, b) => a - b));
  const theirs = new Set((await list("map")).map(({ id }) => id));
  for (const id of ours) assert.ok(ids.includes(id) && theirs.has(id));
});

kernelTest("ObjectLists.listen: tells of what appears and what goes, by kind", async () => {
  const lists = new ObjectLists();
  const heard = { program: 0, map: 0, both: 0 };
  using _program = lists.listen(["program"], () => heard.program++);
  using _map = lists.listen(["map"], () => heard.map++);
  using _both = lists.listen(["program", "map"], () => heard.both++);
  {
    await using _object = await load("maps");
    await until(tellTimeoutMs, "word of the load", () => heard.program > 0 && heard.map > 0);
    assert.ok(heard.both > 0);
  }
  const before = { ...heard };
  await until(tellTimeoutMs, "word of the unload", () => {
    return heard.program > before.program && heard.map > before.map && heard.both > before.both;
  });
});

kernelTest("ObjectLists.listen: is still when nobody listens any more", async () => {
  const lists = new ObjectLists();
  let heard = 0;
  const first = lists.listen(["program"], () => heard++);
  const second = lists.listen(["program"], () => heard++);
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  await using _object = await load("no_maps");
  // Longer than it takes to tell; a timer that was left would be found by the test runner too.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  assert.equal(heard, 0);
  // What there was before is no news for one who comes later.
  using _late = lists.listen(["program"], () => heard++);
});

kernelTest("ObjectLists.listen: takes a listener that ends itself", async () => {
  const lists = new ObjectLists();
  let heard = 0;
  const own = lists.listen(["program"], () => {
    heard++;
    own[Symbol.dispose]();
  });
  await using _object = await load("no_maps");
  await until(tellTimeoutMs, "word of the load", () => heard === 1);
});
