// Two sessions on one kernel: what one made the other sees, and releases only as an admin.
import assert from "node:assert/strict";
import * as z from "zod";
import { detached } from "../support/answers.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { McpSession } from "../support/client.ts";
import { readEvents } from "../support/events.ts";
import { assertGone, assertPresent, madeBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { kernel, permission, requireError, resource } from "../support/refusals.ts";
import { Trigger } from "../support/trigger.ts";

const operator = { args: ["--role", "operator", "--objects", "/"] };
const admin = { args: ["--role", "admin", "--objects", "/"] };

/** Events of one session's ring, two of them for each getppid. */
async function loadFlood(owner: McpSession, trigger: Trigger) {
  const globals = { target_pid: trigger.pid, burst: 2 };
  const object = await owner.load(await buildObject("flood"), { globals });
  const program = object.programs.find(({ name }) => name === "on_getppid");
  const ring = object.maps.find(({ name }) => name === "events");
  assert.ok(program !== undefined && ring !== undefined);
  const attachment = await owner.attach(program.program_id, { type: "auto" });
  return { object, program_id: program.program_id, map_id: ring.map_id, attachment };
}

const withOwners = z.looseObject({ owners: z.array(z.object({ pid: z.int(), comm: z.string() })) });

kernelTest("what another session made is refused with its owner's name", async () => {
  await using trigger = await Trigger.start();
  await using owner = await McpSession.start(operator);
  await using other = await McpSession.start(operator);
  const { object, program_id, map_id, attachment } = await loadFlood(owner, trigger);
  const [{ link_id }] = attachment.links;
  const refusals = [
    await other.refusal("detach_link", { link_id }),
    await other.refusal("unload_program", { program_id }),
  ];
  for (const error of refusals) {
    requireError(error, permission("not_owner", { says: /\(pid \d+\)/ }));
    const { owners } = withOwners.parse(error.context);
    // others may hold it for a moment, to look at it
    assert.ok(owners.some(({ pid }) => pid === owner.pid), JSON.stringify(owners));
    assert.match(error.context.hint ?? "", /--role admin/);
  }
  requireError(
    await other.refusal("stream_events", { map_id, take_over: true }),
    permission("not_owner"),
  );
  requireError(
    await other.refusal("attach_program", { program_id, attachment: { type: "auto" } }),
    resource("program_not_found"),
  );
  requireError(
    await other.refusal("unload_program", { object_id: object.object_id }),
    resource("object_not_found"),
  );
  await assertPresent({ ...madeBy(object), links: [link_id] });
});

kernelTest("an admin is told what the kernel lets only owners release", async () => {
  await using trigger = await Trigger.start();
  await using owner = await McpSession.start(operator);
  await using other = await McpSession.start(admin);
  const { object, program_id, attachment } = await loadFlood(owner, trigger);
  const [{ link_id }] = attachment.links;
  requireError(
    await other.refusal("unload_program", { program_id }),
    permission("not_owner", { says: /nobody/ }),
  );
  requireError(
    await other.refusal("detach_link", { link_id }),
    kernel("feature_missing", { errno: "EOPNOTSUPP", recoverable: false }),
  );
  await assertPresent({ ...madeBy(object), links: [link_id] });
});

kernelTest("an admin detaches another session's link by its id", async () => {
  await using group = await TestCgroup.make();
  await using owner = await McpSession.start(operator);
  await using other = await McpSession.start(admin);
  const { programs } = await owner.load(await buildObject("attach_kinds"), {
    programs: ["on_connect4"],
  });
  const [{ program_id }] = programs;
  const { links: [{ link_id }] } = await owner.attach(program_id, {
    type: "cgroup",
    path: group.path,
    attach_type: "connect4",
  });
  const answer = await other.ask(detached, "detach_link", { link_id });
  assert.equal(answer.attachment_id, null);
  await assertPresent({ programs: [program_id] }); // it is the link alone that went
});

kernelTest("another session's ring is shown without taking its events", async () => {
  await using trigger = await Trigger.start();
  await using owner = await McpSession.start(operator);
  await using other = await McpSession.start(operator);
  const { map_id } = await loadFlood(owner, trigger);
  await trigger.run("getppid 3");
  const snapshot = await other.stream({ map_id });
  assert.equal(snapshot.ended_by, "snapshot");
  assert.deepEqual(snapshot.events.map(({ number }) => number), [0, 1, 2, 3, 4, 5]);
  const { stream_id } = await owner.stream({ map_id, background: true });
  assert.deepEqual(await readEvents(owner, stream_id, 6), snapshot.events);
});

kernelTest("an admin who takes over a ring gets its events, and its owner none", async () => {
  await using trigger = await Trigger.start();
  await using owner = await McpSession.start(operator);
  await using other = await McpSession.start(admin);
  const { map_id, object } = await loadFlood(owner, trigger);
  await trigger.run("getppid 3");
  const taken = await other.stream({ map_id, take_over: true, max_events: 6 });
  assert.equal(taken.returned, 6);
  const { stream_id } = await owner.stream({ map_id, background: true });
  assert.equal((await owner.stop(stream_id)).pending, 0);
  await owner.unload(object.object_id);
  await assertGone(madeBy(object));
});

kernelTest("another session's perf event array is refused, whoever asks", async () => {
  await using owner = await McpSession.start(operator);
  await using other = await McpSession.start(admin);
  const { maps } = await owner.load(await buildObject("perf_events"));
  const map = maps.find(({ name }) => name === "events");
  const error = await other.refusal("stream_events", { map_id: map?.map_id, take_over: true });
  requireError(error, permission("not_owner", { says: /perf event array/ }));
});

kernelTest("a map of another session is read by its id", async () => {
  await using owner = await McpSession.start(operator);
  await using other = await McpSession.start({ args: ["--role", "viewer"] });
  const object = await owner.load(await buildObject("globals"), { globals: { rw_s32: 77 } });
  const data = object.maps.find(({ name }) => name.endsWith(".data"));
  assert.ok(data !== undefined);
  const dump = await other.dump({ map_id: data.map_id });
  assert.equal(dump.typed, true);
  assert.equal(Reflect.get(Object(dump.entries[0]?.value), "rw_s32"), 77);
  requireError(
    await other.refusal("map_dump", { map_name: data.name }),
    resource("map_not_found"), // names are of the session's own maps
  );
});
