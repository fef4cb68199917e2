// Dumps of maps that are large, sparse, or unloaded while they are read.
import assert from "node:assert/strict";
import { mustRun } from "../../scripts/command.ts";
import { BpfMap } from "../../src/kernel/bpf_map.ts";
import { dumpMap } from "../../src/kernel/map_dump.ts";
import { openMap } from "../../src/session/open_map.ts";
import { loadObject } from "../../src/session/load_object.ts";
import { unloadObject } from "../../src/session/release.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { never, openSession, request } from "../support/session.ts";

const folder = `/sys/fs/bpf/ebpf-mcp-test-${Deno.pid}`;

/** A map that nobody's BTF describes, pinned while `use` runs. */
async function withMap(
  spec: { type: string; key: number; value: number; entries: number },
  use: (map: BpfMap) => Promise<void>,
): Promise<void> {
  await Deno.mkdir(folder);
  const pin = `${folder}/map`;
  try {
    const sizes = ["key", spec.key, "value", spec.value, "entries", spec.entries].map(String);
    const flags = spec.type === "hash" ? ["flags", "1"] : [];
    const make = ["map", "create", pin, "type", spec.type, ...sizes, "name", "tested", ...flags];
    await mustRun("bpftool", make);
    const shown: unknown = JSON.parse(
      await mustRun("bpftool", ["-j", "map", "show", "pinned", pin]),
    );
    assert.ok(typeof shown === "object" && shown !== null && "id" in shown);
    using map = BpfMap.open(Number(shown.id));
    await use(map);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function page(cursor?: string) {
  return { maxEntries: 1000, byteBudget: 8000, signal: never, ...(cursor ? { cursor } : {}) };
}

kernelTest(
  "dumpMap of millions of empty slots ends its page and never holds the loop",
  async () => {
    await withMap({ type: "devmap", key: 4, value: 4, entries: 8_000_000 }, async (map) => {
      let longest = 0;
      let last = performance.now();
      const ticker = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 5);
      const found = await dumpMap(map, page());
      clearInterval(ticker);
      assert.equal(found.entries.length, 0);
      assert.equal(found.truncated, true);
      assert.equal(found.total, null);
      // A step takes some ms, all slots several seconds; a busy machine adds its own.
      assert.ok(longest < 200, `the loop stood still for ${longest} ms`);
      const next = await dumpMap(map, page(found.next_cursor ?? assert.fail()));
      assert.notEqual(next.next_cursor, found.next_cursor);
    });
  },
);

kernelTest("dumpMap of a sparse map stops when its caller cancels", async () => {
  await withMap({ type: "devmap", key: 4, value: 4, entries: 8_000_000 }, async (map) => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    const start = performance.now();
    await assert.rejects(dumpMap(map, { ...page(), signal: cancel.signal }));
    assert.ok(performance.now() - start < 500);
  });
});

kernelTest("dumpMap gives the beginning of an element that alone is over the budget", async () => {
  await withMap({ type: "array", key: 4, value: 1 << 20, entries: 3 }, async (map) => {
    const { entries, next_cursor, total } = await dumpMap(map, page());
    assert.equal(entries.length, 1);
    assert.equal(entries[0].cut, true);
    assert.equal(total, 3);
    assert.ok(JSON.stringify(entries).length <= 8000);
    const rest = await dumpMap(map, page(next_cursor ?? assert.fail()));
    assert.equal(rest.entries.length, 1);
    assert.deepEqual(rest.entries[0].key, "01000000");
  });
});

kernelTest("dumpMap pages through long keys without losing or repeating one", async () => {
  await withMap({ type: "hash", key: 256, value: 4, entries: 400 }, async (map) => {
    const wanted = new Set<string>();
    for (let index = 0; index < 100; index++) {
      const key = Array.from({ length: 256 }, (_, at) => (at === 0 ? index : 7).toString());
      const update = ["map", "update", "id", String(map.info.id), "key", ...key];
      await mustRun("bpftool", [...update, "value", "1", "2", "3", "4"]);
      wanted.add(new Uint8Array(key.map(Number)).toHex());
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const found = await dumpMap(map, { ...page(cursor), maxEntries: 7 });
      assert.equal(found.total, 100);
      seen.push(...found.entries.map(({ key }) => String(key)));
      cursor = found.next_cursor ?? undefined;
    } while (cursor !== undefined);
    assert.equal(seen.length, 100);
    assert.deepEqual(new Set(seen), wanted);
  });
});

kernelTest("an own map is read to its end although its object is unloaded meanwhile", async () => {
  await using session = openSession();
  const globals = { fill_count: 8 };
  const object = await loadObject(session, await request("maps", { globals }));
  const rows = object.maps.find(({ name }) => name === "rows") ?? assert.fail();
  using map = openMap(session, { map_id: rows.info.id });
  const dumping = dumpMap(map, page());
  await unloadObject(session, object.objectId);
  const { entries, typed } = await dumping;
  assert.equal(entries.length, 8);
  assert.equal(typed, true);
});
