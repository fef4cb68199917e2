// The whole way of one attachment: load, attach, a real event, seen, detached, gone. Beside each
// answer stands what bpftool says.
import assert from "node:assert/strict";
import * as z from "zod";
import type { Loaded } from "../support/answers.ts";
import type { Arguments, McpSession } from "../support/client.ts";
import { readEvents } from "../support/events.ts";
import { assertGone, assertPresent, bpftool, madeBy, show } from "../support/kernel_state.ts";
import { buildObject, type ObjectName } from "../support/objects.ts";
import { isGuest } from "./kernels.ts";

export interface Journey {
  readonly object: ObjectName;
  readonly program: string;
  readonly attachment: Arguments;
  /** Value of `enum kind` that the program counts and sends. */
  readonly kind: string;
  /** How many links it gives, where the kernel has links for it. */
  readonly links?: number;
  readonly mechanism?: "bpf_link" | "perf_ioctl";
  /** The hits that `fire` causes: exactly so many, or at least one. */
  readonly hits: number | "some";
  /** What the first hit says. */
  readonly value?: number;
  fire(): Promise<void>;
}

/** By object, in the order of the C source's `enum kind`, which indexes `hits`. */
const kinds: Partial<Record<ObjectName, readonly string[]>> = {
  attach_kinds: [
    "KIND_TRACEPOINT",
    "KIND_RAW_TRACEPOINT",
    "KIND_TP_BTF",
    "KIND_UPROBE",
    "KIND_URETPROBE",
    "KIND_PERF_EVENT",
    "KIND_XDP",
    "KIND_TC",
    "KIND_CGROUP_SKB",
    "KIND_CONNECT4",
  ],
  kernel_hooks: [
    "KIND_KPROBE",
    "KIND_KRETPROBE",
    "KIND_KPROBE_MULTI",
    "KIND_KRETPROBE_MULTI",
    "KIND_FENTRY",
    "KIND_FEXIT",
    "KIND_LSM",
    "KIND_USDT",
    "KIND_ITER",
  ],
};

/** Walks one journey until the kernel is as it was. */
export async function travel(
  session: McpSession,
  targetPid: number,
  journey: Journey,
): Promise<void> {
  const { program, attachment, links = 1, mechanism = "bpf_link" } = journey;
  const object = await loadOne(session, targetPid, journey.object, program);
  const [{ program_id }] = object.programs;
  const attached = await session.attach(program_id, attachment);
  assert.equal(attached.mechanism, mechanism);
  assert.equal(attached.confirmed, true, "confirmed");
  const linkIds = attached.links.map(({ link_id }) => link_id);
  assert.equal(linkIds.length, mechanism === "bpf_link" ? links : 0, JSON.stringify(attached));
  for (const id of linkIds) assert.equal((await show("link", id))?.prog_id, program_id);
  if (mechanism === "perf_ioctl" && journey.kind !== "KIND_PERF_EVENT") {
    assert.ok((await programsOnPerfEvents()).includes(program_id), "bpftool perf show");
  }

  await seeAttached(session, program_id, Math.max(linkIds.length, 1));
  await seeHits(session, object, journey);

  const { links: detached } = await session.detach(attached.attachment_id);
  assert.deepEqual(detached, linkIds.map((link_id) => ({ link_id, gone: true })));
  await assertGone({ links: linkIds });
  await assertPresent(madeBy(object));
  assert.ok(!(await programsOnPerfEvents()).includes(program_id), "bpftool perf show");
  const before = await countHits(session, object, journey);
  await journey.fire();
  assert.equal(await countHits(session, object, journey), before, "nothing runs after detach_link");
  const unloaded = await session.unload(object.object_id);
  assert.equal(unloaded.object_released, true);
  // the tool waits a second for the kernel; emulation may be slower, and it then says so
  const untimely = [...unloaded.programs, ...unloaded.maps].filter(({ gone }) => gone === false);
  if (!isGuest()) assert.deepEqual(untimely, []);
  await assertGone(madeBy(object));
}

const inspected = z.looseObject({
  programs: z.object({
    items: z.array(z.looseObject({ attached: z.array(z.looseObject({ target: z.string() })) })),
  }),
});

/** inspect_state says where the program is, whether the kernel has links for it or not. */
async function seeAttached(session: McpSession, id: number, times: number): Promise<void> {
  const asked = { fields: ["programs"], ids: [id] };
  const [program] = (await session.ask(inspected, "inspect_state", asked)).programs.items;
  assert.equal(program.attached.length, times, JSON.stringify(program));
  for (const { target } of program.attached) assert.match(target, /^(?!not told)[a-z_.]+[ /]\S/);
}

/** Loads one program of a test object for one process. */
export async function loadOne(
  session: McpSession,
  targetPid: number,
  name: ObjectName,
  program: string,
  more: Arguments = {},
): Promise<Loaded> {
  const globals = { target_pid: targetPid, ...more };
  const object = await session.load(await buildObject(name), { programs: [program], globals });
  assert.deepEqual(object.programs.map((one) => one.name), [program]);
  await assertPresent(madeBy(object));
  return object;
}

async function seeHits(session: McpSession, object: Loaded, journey: Journey): Promise<void> {
  const { hits, kind, value, fire } = journey;
  const events = object.maps.find(({ name }) => name === "events");
  assert.ok(events !== undefined, "the object has a ring");
  const { stream_id } = await session.stream({ map_id: events.map_id, background: true });
  await fire();
  const seen = await readEvents(session, stream_id, hits === "some" ? 1 : hits);
  assert.deepEqual([...new Set(seen.map((event) => event.kind))], [kind]);
  if (value !== undefined) assert.equal(seen[0].value, value);
  await session.stop(stream_id);
  if (hits === "some") return;
  assert.equal(seen.length, hits);
  assert.equal(await countHits(session, object, journey), hits);
}

/** What the program counted itself, read from its .bss through map_dump. */
export async function countHits(
  session: McpSession,
  { maps }: Loaded,
  { object, kind }: Pick<Journey, "object" | "kind">,
): Promise<number> {
  const bss = maps.find(({ name }) => name.endsWith(".bss"));
  assert.ok(bss !== undefined, "the object has globals");
  const { entries } = await session.dump({ map_id: bss.map_id });
  const { hits } = z.object({ hits: z.array(z.number()) }).parse(entries[0]?.value);
  const index = kinds[object]?.indexOf(kind) ?? -1;
  return hits[index];
}

const perfShown = z.array(z.looseObject({ prog_id: z.int() }));

/** Programs on kprobes, uprobes and tracepoints, with and without links, as bpftool finds them. */
async function programsOnPerfEvents(): Promise<number[]> {
  return perfShown.parse(await bpftool("perf", "show")).map(({ prog_id }) => prog_id);
}
