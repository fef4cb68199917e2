// load_program with map_sizes: maps that their own program would size, and others resized.
import assert from "node:assert/strict";
import * as z from "zod";
import { McpSession } from "../support/client.ts";
import { buildForeign } from "../support/foreign_objects.ts";
import { bpftool } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { kernel, requireError, validation } from "../support/refusals.ts";

const args = ["--role", "admin", "--objects", "/"];
const geometry = z.object({ max_entries: z.int(), bytes_value: z.int() });

kernelTest("load_program gives maps the sizes that map_sizes has for them", async () => {
  await using session = await McpSession.start({ args });
  const path = await buildForeign("unsized_maps", ["unsized_maps"]);
  const { maps: [stacks] } = await session.load(path, { map_sizes: { stackmap: 1024 } });
  assert.equal(stacks.max_entries, 1024);
  const shown = geometry.parse(await bpftool("map", "show", "id", String(stacks.map_id)));
  assert.deepEqual(shown, { max_entries: 1024, bytes_value: 127 * 8 });

  const { maps } = await session.load(await buildObject("two_events"), {
    map_sizes: { events: 1 << 16 },
  });
  const ring = maps.find(({ name }) => name === "events");
  assert.equal(ring?.max_entries, 1 << 16);
});

kernelTest("load_program refuses map_sizes that name no map, or fit none", async () => {
  await using session = await McpSession.start({ args });
  const source = { type: "file", path: await buildObject("two_events") };
  const refuse = (map_sizes: Record<string, number>) => {
    return session.refusal("load_program", { source, map_sizes });
  };
  const unknown = await refuse({ event: 4096 });
  requireError(unknown, validation("unknown_map", { says: /has no map "event"/ }));
  assert.deepEqual(z.array(z.string()).parse(unknown.context.maps)[0], "events");
  requireError(await refuse({ events: 0 }), validation("invalid_arguments"));
  requireError(await refuse({ events: 2 ** 31 }), validation("invalid_arguments"));
  const { maps } = await session.load(source);
  const section = maps.find(({ name }) => /\.(bss|data|rodata)$/.test(name));
  assert.ok(section, JSON.stringify(maps));
  requireError(
    await refuse({ [section.name]: 2 }),
    validation("value_out_of_range", { says: /section of variables/ }),
  );
  const tooLarge = await session.refusal("load_program", {
    source: { type: "file", path: await buildForeign("unsized_maps", ["unsized_maps"]) },
    map_sizes: { stackmap: 2 ** 30 },
  });
  requireError(tooLarge, kernel("object_load_failed", { errno: "ENOMEM" }));
  assert.match(tooLarge.context.hint ?? "", /fewer of them by map_sizes/);
});
