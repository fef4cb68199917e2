// What differs between kernels in the tools beside attach_program's hooks: iterators, sleepable
// programs, counts of the verifier, what a killed server leaves.
import assert from "node:assert/strict";
import * as z from "zod";
import { McpSession } from "../support/client.ts";
import { madeBy, remaining, untilGone } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { attached } from "../support/answers.ts";
import { Trigger } from "../support/trigger.ts";
import { has } from "./features.ts";
import { countHits, loadOne } from "./journey.ts";

const args = ["--role", "operator", "--objects", "/"];

kernelTest("attach_program runs an iterator and gives what it wrote", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args });
  const object = await loadOne(session, trigger.pid, "kernel_hooks", "on_iter");
  const [{ program_id }] = object.programs;
  const answer = attached.extend({
    output: z.object({ text: z.string(), truncated: z.boolean() }),
  });
  const attachment = { type: "iter", target: "task" };
  const found = await session.ask(answer, "attach_program", { program_id, attachment });
  assert.deepEqual(found.output, { text: `target ${trigger.pid}\n`, truncated: false });
  assert.deepEqual([found.mechanism, found.confirmed, found.links.length], ["bpf_link", true, 1]);
  assert.equal(await countHits(session, object, { object: "kernel_hooks", kind: "KIND_ITER" }), 1);
  const links = found.links.map(({ link_id }) => link_id);
  const detached = await session.detach(found.attachment_id);
  assert.deepEqual(detached.links, links.map((link_id) => ({ link_id, gone: true })));
  await session.unload(object.object_id);
});

kernelTest("load_program loads a sleepable LSM program, or says why not", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args });
  const path = await buildObject("kernel_hooks_sleepable");
  const globals = { target_pid: trigger.pid };
  const request = { source: { type: "file", path }, globals };
  if (!await has("sleepable_lsm")) {
    const error = await session.refusal("load_program", request);
    assert.equal(error.code, "program_load_rejected", error.message);
    assert.ok((error.context.hint ?? "").length > 0);
    return;
  }
  const object = await session.load(path, { globals });
  const { confirmed } = await session.attach(object.programs[0].program_id, { type: "lsm" });
  assert.equal(confirmed, true);
  await trigger.run("connect 9");
  const bss = object.maps.find(({ name }) => name.endsWith(".bss"));
  const { entries } = await session.dump({ map_id: bss?.map_id });
  assert.deepEqual(entries[0]?.value, { hits: 1 });
  await session.unload(object.object_id);
});

kernelTest("load_program counts what the verifier walked, where the kernel does", async () => {
  await using session = await McpSession.start({ args });
  const object = await loadOne(session, 1, "attach_kinds", "on_tracepoint");
  const [{ verified_instructions, instructions }] = object.programs;
  if (await has("verified_instructions")) assert.ok((verified_instructions ?? 0) > 10);
  else assert.equal(verified_instructions, null);
  assert.ok(instructions > 10);
  await session.unload(object.object_id);
});

kernelTest("load_program says what an older kernel lacks of an object", async () => {
  await using session = await McpSession.start({ args });
  const objects = [
    ["perf_events", "atomic_result", /5\.12/],
    ["flood", "callback", /5\.13/],
  ] as const;
  for (const [name, feature, hint] of objects) {
    const source = { type: "file", path: await buildObject(name) };
    const programs = ["on_getppid"];
    if (await has(feature)) {
      const { object_id } = await session.load(source, { programs });
      await session.unload(object_id);
      continue;
    }
    const error = await session.refusal("load_program", { source, programs });
    assert.equal(error.code, "program_load_rejected", error.message);
    assert.match(error.context.hint ?? "", hint);
  }
});

kernelTest("load_program names the functions nearest to a target that is not there", async () => {
  await using session = await McpSession.start({ args });
  const source = { type: "file", path: await buildObject("missing_function") };
  const error = await session.refusal("load_program", { source });
  const { nearest } = z.looseObject({ nearest: z.array(z.string()) }).parse(error.context);
  assert.ok(nearest.includes("security_socket_connect"), JSON.stringify(error));
});

kernelTest("system_info tells the kernel as uname does", async () => {
  await using session = await McpSession.start({ args });
  const shape = z.looseObject({ kernel: z.looseObject({ release: z.string() }) });
  const { kernel } = await session.ask(shape, "system_info");
  assert.equal(kernel.release, Deno.osRelease());
});

kernelTest("a server that is killed leaves no program, map, link or probe", async () => {
  await using trigger = await Trigger.start();
  const session = await McpSession.start({ args });
  const uprobe = await loadOne(session, trigger.pid, "attach_kinds", "on_uprobe");
  await session.attach(uprobe.programs[0].program_id, {
    type: "uprobe",
    path: trigger.path,
    symbol: "trigger_work",
  });
  const connect = await loadOne(session, trigger.pid, "attach_kinds", "on_connect4");
  Deno.kill(session.pid, "SIGKILL");
  await session.ended();
  const made = [madeBy(uprobe), madeBy(connect)];
  for (const one of made) await untilGone(one, 10_000);
  for (const one of made) assert.deepEqual(await remaining(one), []);
  await trigger.run("work 1"); // the probe is out of its code: it still answers
});
