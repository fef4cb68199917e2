// map_dump of every kind of map, held against `bpftool map dump` element by element.
import assert from "node:assert/strict";
import type { Loaded } from "../support/answers.ts";
import { bpftoolDump, type Entry } from "../support/bpftool_dump.ts";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { requireError, validation } from "../support/refusals.ts";
import { Trigger } from "../support/trigger.ts";

const admin = ["--role", "admin", "--objects", "/"];
const mebibyte = ["--byte-budget", String(1024 * 1024)];

/** The maps of `maps.bpf.c` with `count` elements each, as far as they have room. */
async function loadFilled(session: McpSession, trigger: Trigger, count: number): Promise<Loaded> {
  const object = await session.load(await buildObject("maps"), {
    programs: ["on_getppid", "look_inside"],
    globals: { target_pid: trigger.pid, fill_count: count },
  });
  const program = object.programs.find(({ name }) => name === "on_getppid");
  assert.ok(program !== undefined);
  const { attachment_id } = await session.attach(program.program_id, { type: "auto" });
  await trigger.run("getppid 1");
  await session.detach(attachment_id);
  return object;
}

/** Every page of a map, `size` elements each. */
async function pages(session: McpSession, map_id: number, size: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let cursor: string | null | undefined = undefined; cursor !== null;) {
    const page = await session.dump({
      map_id,
      max_entries: size,
      ...(cursor === undefined ? {} : { cursor }),
    });
    assert.ok(page.entries.length <= size);
    assert.equal(page.truncated, page.next_cursor !== null);
    entries.push(...page.entries);
    cursor = page.next_cursor;
  }
  return entries;
}

/** bpftool shows the bits of a signed bitfield; we show its value. */
function withRawDrift(entries: readonly Entry[]): Entry[] {
  return entries.map(({ key, value }) => {
    if (typeof value !== "object" || value === null || !("drift" in value)) return { key, value };
    return { key, value: { ...value, drift: Number(value.drift) & 0xffff } };
  });
}

kernelTest("map_dump shows what bpftool shows, of every kind of map", async (t) => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: [...admin, ...mebibyte] });
  const { maps } = await loadFilled(session, trigger, 30);
  const readable = maps.filter(({ type }) => type !== "queue" && type !== "stack");
  assert.equal(new Set(readable.map(({ type }) => type)).size, 7);
  for (const { map_id, name, type } of readable) {
    await t.step(`${type} ${name}`, async () => {
      const wanted = await bpftoolDump(map_id, type.endsWith("_of_maps") ? "of_maps" : undefined);
      assert.ok(wanted.length > 0);
      const whole = await session.dump({ map_id, max_entries: 100_000 });
      assert.deepEqual(withRawDrift(whole.entries), wanted);
      assert.equal(whole.total, wanted.length);
      assert.equal(whole.truncated, false);
      assert.deepEqual(withRawDrift(await pages(session, map_id, 7)), wanted);
    });
  }
});

kernelTest("map_dump gives 64-bit numbers exactly", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: admin });
  await loadFilled(session, trigger, 1);
  const { entries } = await session.dump({ map_name: "wide" });
  assert.deepEqual(entries, [{ key: "18446744073709551615", value: "-9223372036854775808" }]);
});

kernelTest("map_dump refuses maps that list no elements, and says what reads them", async () => {
  await using session = await McpSession.start({ args: admin });
  await session.load(await buildObject("maps"));
  await session.load(await buildObject("flood"));
  for (
    const [map_name, hint] of [["queue", /taking/], ["stack", /taking/], ["events", /stream_/]]
  ) {
    const error = await session.refusal("map_dump", { map_name });
    requireError(error, validation("invalid_arguments", { says: /lists no elements/ }));
    assert.match(error.context.hint ?? "", new RegExp(hint));
  }
});

kernelTest("map_dump lists the candidates of an ambiguous name", async () => {
  await using session = await McpSession.start({ args: admin });
  const path = await buildObject("flood");
  const rings = [await session.load(path), await session.load(path)].map(({ maps }) => {
    return maps.find(({ name }) => name === "flood.bss")?.map_id;
  });
  const error = await session.refusal("map_dump", { map_name: "flood.bss" });
  requireError(error, validation("ambiguous_map_name"));
  const candidates = error.context.candidates;
  assert.ok(Array.isArray(candidates));
  assert.deepEqual(candidates.map((one) => Reflect.get(Object(one), "map_id")), rings);
});

kernelTest("map_dump ends a page at the byte budget and goes on where it ended", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: admin });
  const { maps } = await loadFilled(session, trigger, 1_000);
  const map = maps.find(({ name }) => name === "flows");
  assert.ok(map !== undefined);
  const { content: [{ text }] } = await session.call("map_dump", { map_id: map.map_id });
  assert.ok(new TextEncoder().encode(text).length <= 8192, "an answer has 8 KB by default");
  const first = await session.dump({ map_id: map.map_id });
  assert.ok(first.truncated && first.entries.length < 100);
  assert.equal(first.total, 1_000);
  const all = await pages(session, map.map_id, 1_000);
  assert.deepEqual(withRawDrift(all), await bpftoolDump(map.map_id));
});

kernelTest("map_dump reads a map of 20,000 elements", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: [...admin, ...mebibyte] });
  const { maps } = await loadFilled(session, trigger, 20_000);
  const map = maps.find(({ name }) => name === "large");
  assert.ok(map !== undefined);
  const all = await pages(session, map.map_id, 100_000);
  assert.equal(new Set(all.map(({ key }) => key)).size, 20_000);
  assert.deepEqual(all, await bpftoolDump(map.map_id));
});
