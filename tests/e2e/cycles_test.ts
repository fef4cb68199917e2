// Many rounds on one server: what it holds and how large it is stays the same.
import assert from "node:assert/strict";
import { McpSession } from "../support/client.ts";
import { assertGone, heldBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";

const rounds = 300;
/** The runtime lets some 64 MiB of buffers pile up before it first collects them. */
const warmUp = 400;
const allowedGrowthMiB = 20;
const atOnce = 6;

interface Size {
  readonly descriptors: number;
  readonly residentMiB: number;
}

function sizeOf(pid: number): Size {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  assert.ok(resident !== null);
  return {
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
    residentMiB: Number(resident[1]) / 1024,
  };
}

/** Loads, attaches, detaches and unloads; the ids that it made. */
async function cycle(session: McpSession, path: string) {
  const object = await session.load(path, { programs: ["on_raw_tracepoint"] });
  const [{ program_id }] = object.programs;
  const { attachment_id, confirmed, links } = await session.attach(program_id, {
    type: "raw_tracepoint",
    name: "sys_enter",
  });
  assert.equal(confirmed, true);
  await session.detach(attachment_id);
  await session.unload(object.object_id);
  return { programs: [program_id], links: links.map(({ link_id }) => link_id) };
}

/** Several at once, because each waits for the kernel's grace periods. */
async function cycles(session: McpSession, path: string, count: number) {
  const made: Awaited<ReturnType<typeof cycle>>[] = [];
  let started = 0;
  const worker = async () => {
    while (started++ < count) made.push(await cycle(session, path));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return made;
}

kernelTest("300 rounds of load, attach, detach and unload leave the server as it was", async () => {
  await using session = await McpSession.start({ args: ["--role", "operator", "--objects", "/"] });
  const path = await buildObject("attach_kinds");
  const { pid } = session;
  await cycles(session, path, warmUp);
  const before = sizeOf(pid);
  const made = await cycles(session, path, rounds);
  const after = sizeOf(pid);
  assert.equal(after.descriptors, before.descriptors);
  const grown = after.residentMiB - before.residentMiB;
  assert.ok(grown <= allowedGrowthMiB, `it grew by ${grown.toFixed(1)} MiB`);
  assert.deepEqual(heldBy(session.pid), { programs: [], maps: [], links: [], btfs: [] });
  await assertGone({
    programs: made.flatMap(({ programs }) => programs),
    links: made.flatMap(({ links }) => links),
  });
});
