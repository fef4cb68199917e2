// Releasing by every id that an answer names, in every state, and how much one session may own.
import assert from "node:assert/strict";
import { detached, type Loaded, unloaded } from "../support/answers.ts";
import { type Arguments, McpSession } from "../support/client.ts";
import { onlineCpus } from "../support/cpus.ts";
import { assertGone, assertPresent, heldBy, madeBy } from "../support/kernel_state.ts";
import { buildObject } from "../support/objects.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { requireError, resource } from "../support/refusals.ts";
import { Trigger } from "../support/trigger.ts";

const args = ["--role", "operator", "--objects", "/"];
const mostObjects = 64;
const sysEnter = { type: "raw_tracepoint", name: "sys_enter" };

async function loadKinds(session: McpSession, programs: readonly string[]): Promise<Loaded> {
  return await session.load(await buildObject("attach_kinds"), { programs });
}

function unload(session: McpSession, what: Arguments) {
  return session.ask(unloaded, "unload_program", what);
}

kernelTest("unload_program takes one program away, and the object with its last", async () => {
  await using session = await McpSession.start({ args });
  const object = await loadKinds(session, ["on_raw_tracepoint", "on_tp_btf"]);
  const [first, last] = object.programs.map(({ program_id }) => program_id);
  const attached = await session.attach(first, sysEnter);
  const one = await unload(session, { program_id: first });
  assert.equal(one.object_released, false);
  assert.deepEqual(one.attachments, [attached.attachment_id]);
  await assertGone({ programs: [first], links: attached.links.map(({ link_id }) => link_id) });
  await assertPresent({ programs: [last], maps: madeBy(object).maps });
  const again = await session.refusal("unload_program", { program_id: first });
  requireError(again, resource("program_not_found", { errno: "ENOENT" }));
  const two = await unload(session, { program_id: last });
  assert.equal(two.object_released, true);
  assert.equal(two.object_id, object.object_id);
  await assertGone(madeBy(object));
});

kernelTest("unload_program detaches and ends streams on the way", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args });
  const object = await loadKinds(session, ["on_raw_tracepoint", "on_tracepoint", "on_uprobe"]);
  const [, , uprobe] = object.programs.map(({ program_id }) => program_id);
  const at = { type: "uprobe", path: trigger.path, symbol: "trigger_work" };
  const attachments = [
    await session.attach(object.programs[0].program_id, { type: "auto" }),
    await session.attach(object.programs[1].program_id, { type: "auto" }),
    await session.attach(uprobe, at),
    await session.attach(uprobe, { ...at, pid: trigger.pid }), // a second place for one program
  ];
  const { stream_id } = await session.stream({ program_id: uprobe, background: true });
  const answer = await session.unload(object.object_id);
  const ids = attachments.map(({ attachment_id }) => attachment_id);
  assert.deepEqual(answer.attachments.toSorted(), ids.toSorted());
  const links = attachments.flatMap(({ links }) => links.map(({ link_id }) => link_id));
  await assertGone({ ...madeBy(object), links });
  assert.equal((await session.read(stream_id)).ended_by, "released");
  const gone = await session.refusal("detach_link", { attachment_id: ids[0] });
  requireError(gone, resource("attachment_not_found"));
});

kernelTest("detach_link takes a link's id, and an attachment as a whole", async () => {
  await using session = await McpSession.start({ args });
  const { programs } = await loadKinds(session, ["on_perf_event"]);
  const attached = await session.attach(programs[0].program_id, {
    type: "perf_event",
    event: "cpu_clock",
    frequency: 10,
  });
  const links = attached.links.map(({ link_id }) => link_id);
  assert.equal(links.length, onlineCpus().length);
  const answer = await session.ask(detached, "detach_link", { link_id: links.at(-1) });
  assert.equal(answer.attachment_id, attached.attachment_id);
  assert.deepEqual(
    answer.links.map(({ link_id, gone }) => [link_id, gone]),
    links.map((id) => {
      return [id, true];
    }),
  );
  await assertGone({ links });
  const again = await session.refusal("detach_link", { link_id: links[0] });
  requireError(again, resource("link_not_found", { errno: "ENOENT" }));
});

kernelTest("an attachment is confirmed by its link, and one program may have several", async () => {
  await using session = await McpSession.start({ args });
  const { programs: [{ program_id }] } = await loadKinds(session, ["on_raw_tracepoint"]);
  const all = [
    await session.attach(program_id, sysEnter),
    await session.attach(program_id, { ...sysEnter, name: "sys_exit" }),
  ];
  assert.ok(all.every(({ confirmed, links }) => confirmed && links.length === 1));
  await session.detach(all[0].attachment_id);
  await assertPresent({ links: [all[1].links[0].link_id] });
});

kernelTest("a session owns 64 objects and no more, and room comes back", async () => {
  await using session = await McpSession.start({ args });
  const path = await buildObject("no_maps");
  const objects: Loaded[] = [];
  while (objects.length < mostObjects) objects.push(await session.load(path));
  const source = { type: "file", path };
  const full = resource("limit_exceeded");
  requireError(await session.refusal("load_program", { source }), full);
  assert.equal(heldBy(session.pid).programs.length, mostObjects);
  await session.unload(objects[0].object_id);
  await session.load(path);
  requireError(await session.refusal("load_program", { source }), full);
});

kernelTest("loads that run at once all come out right", async () => {
  await using session = await McpSession.start({ args });
  const names = ["flood", "maps", "globals", "two_events", "attach_kinds", "no_maps"] as const;
  const paths = await Promise.all(names.map(buildObject));
  const objects = await Promise.all([...paths, ...paths].map((path) => session.load(path)));
  assert.deepEqual(objects.map(({ name }) => name), [...names, ...names]);
  assert.equal(new Set(objects.map(({ object_id }) => object_id)).size, objects.length);
  const programs = objects.flatMap((object) => madeBy(object).programs);
  const held = new Set(heldBy(session.pid).programs);
  assert.ok(programs.every((id) => held.has(id)));
  await Promise.all(objects.map(({ object_id }) => session.unload(object_id)));
  assert.deepEqual(heldBy(session.pid), { programs: [], maps: [], links: [], btfs: [] });
});
