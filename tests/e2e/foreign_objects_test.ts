// Objects that others bring, loaded by load_program beside `bpftool prog loadall`: both load them,
// with equal programs and maps, or both refuse, and ours says what to do.
import assert from "node:assert/strict";
import * as z from "zod";
import { McpClient } from "../../scripts/bench/mcp_client.ts";
import { compareLoads } from "../../scripts/corpus/compare.ts";
import { McpSession } from "../support/client.ts";
import { buildForeign } from "../support/foreign_objects.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { requireError, validation } from "../support/refusals.ts";
import { launch } from "../support/server_command.ts";

const args = ["--role", "admin", "--objects", "/"];

/** How many programs and maps are loaded. */
const loaded: Readonly<Record<string, readonly [programs: number, maps: number]>> = {
  cgroup_sections: [18, 0],
  externs: [2, 2],
  linked_second: [1, 3],
  map_types: [0, 21],
  nested_maps: [3, 4],
  network_sections: [19, 0],
  only_maps: [0, 1],
  program_features: [3, 8],
  struct_ops: [3, 1],
  tracing_sections: [16, 3],
};

/** What the refusal says, in its message and in its hint. */
const refused: Readonly<Record<string, readonly [message: RegExp, hint: RegExp]>> = {
  legacy_maps: [/legacy map definitions/, /SEC\("\.maps"\)/],
  linked_first: [/extern 'shared_count'/, /bpftool gen object/],
  missing_kconfig: [/CONFIG_NO_KERNEL_HAS_THIS/, /__weak/],
  missing_kfunc: [/no_kernel_function/, /__weak/],
  missing_ksym: [/no_kernel_has_this/, /__weak/],
  missing_target: [/"on_entry".*no_kernel_has_this/, /programs/],
  no_license: [/GPL-restricted function/, /SEC\("license"\)/],
  replacement: [/attach program FD is not set/, /freplace/],
  unknown_section: [/my_filter/, /does not know the section/],
  unsized_maps: [/"stackmap" \(stack_trace\) has value_size 0, max_entries 0/, /map_sizes/],
};

async function connect(): Promise<McpClient> {
  const { program, args: rest } = launch(["serve", ...args]);
  return await McpClient.connect(program, rest);
}

kernelTest("load_program loads what bpftool loads, with equal programs and maps", async (t) => {
  await using client = await connect();
  const objects = Object.keys(loaded).map((name) => [name, [name]] as const);
  for (
    const [name, parts] of [...objects, ["linked", ["linked_first", "linked_second"]] as const]
  ) {
    await t.step(name, async () => {
      const { differences, ours } = await compareLoads(client, await buildForeign(name, parts));
      assert.deepEqual(differences, []);
      assert.ok(ours.refused === null);
      const { programs, maps } = ours.loaded;
      assert.deepEqual([programs.length, maps.length], loaded[name] ?? [2, 3]);
    });
  }
});

kernelTest("load_program refuses what bpftool refuses, with a reason that helps", async (t) => {
  await using client = await connect();
  for (const [name, [message, hint]] of Object.entries(refused)) {
    await t.step(name, async () => {
      const { differences, ours } = await compareLoads(client, await buildForeign(name, [name]));
      assert.deepEqual(differences, []);
      assert.ok(ours.refused !== null);
      const { message: said, context } = refusal.parse(ours.refused);
      assert.match(said, message);
      assert.match(context.hint, hint);
    });
  }
});

const refusal = z.object({ message: z.string(), context: z.object({ hint: z.string() }) });

/** These need what not every kernel has: it decides, and both sides must hear the same. */
kernelTest("load_program agrees with bpftool where the kernel decides", async (t) => {
  await using client = await connect();
  for (const name of ["security", "trampolines"]) {
    await t.step(name, async () => {
      const { differences } = await compareLoads(client, await buildForeign(name, [name]));
      assert.deepEqual(differences, []);
    });
  }
});

kernelTest("load_program loads an optional program only when it is named", async () => {
  await using session = await McpSession.start({ args });
  const path = await buildForeign("optional", ["optional"]);
  const names = async (rest: Record<string, unknown>) =>
    (await session.load(path, rest)).programs.map(({ name }) => name);
  assert.deepEqual(await names({}), ["always"]);
  assert.deepEqual(await names({ programs: ["on_request"] }), ["on_request"]);
});

kernelTest("load_program names data maps as libbpf names a file's", async () => {
  await using session = await McpSession.start({ args });
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/some.tool-1.2.bpf.o`;
    await Deno.copyFile(await buildForeign("externs", ["externs"]), path);
    const { name, maps } = await session.load(path);
    assert.equal(name, "some");
    assert.ok(maps.some((map) => map.name === "some.bss"), JSON.stringify(maps));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

kernelTest("map_dump says of each map without elements where to look instead", async () => {
  await using session = await McpSession.start({ args });
  const { maps } = await session.load(await buildForeign("map_types", ["map_types"]));
  const listed: string[] = [];
  for (const { map_id, type } of maps) {
    const { isError, content: [{ text }] } = await session.call("map_dump", { map_id });
    if (isError !== true) {
      listed.push(type);
      continue;
    }
    const error = await session.refusal("map_dump", { map_id });
    requireError(error, validation("invalid_arguments", { says: /lists no elements/ }));
    assert.ok((error.context.hint ?? "") !== "", text);
  }
  assert.deepEqual(
    listed.sort(),
    [
      "cgroup_storage",
      "cpumap",
      "devmap",
      "devmap_hash",
      "lpm_trie",
      "lru_percpu_hash",
      "reuseport_sockarray",
      "sockhash",
      "sockmap",
      "stack_trace",
    ],
  );
});
