// Subscriptions over stdio and over HTTP: word of what others load, attach and let go of.
import assert from "node:assert/strict";
import * as z from "zod";
import { McpSession } from "../support/client.ts";
import { HttpServer } from "../support/http_server.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { Updates } from "../support/updates.ts";

const admin = { args: ["--role", "admin", "--objects", "/"] };
const viewer = { args: ["--role", "viewer"] };
const lists = ["bpf://programs", "bpf://maps", "bpf://links"] as const;

/** Longer than word of a change takes. */
const quietMs = 1_500;

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a resource says. */
async function read<Value>(
  { client }: Pick<McpSession, "client">,
  uri: string,
  shape: z.ZodType<Value>,
): Promise<Value> {
  const { contents: [content] } = await client.readResource({ uri });
  assert.ok(content !== undefined && "text" in content && content.mimeType === "application/json");
  return shape.parse(JSON.parse(content.text));
}

async function refused(work: Promise<unknown>, code: number): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    return typeof error === "object" && error !== null && "code" in error && error.code === code;
  });
}

kernelTest("subscriptions tell of lists and single objects, and end when asked", async () => {
  await using maker = await McpSession.start(admin);
  await using watcher = await McpSession.start(viewer);
  const { client } = watcher;
  const updates = new Updates(client);
  for (const uri of lists) await client.subscribeResource({ uri });

  const { object_id, programs, maps } = await maker.load(await buildObject("attach_kinds"));
  await updates.reach("bpf://programs", 1);
  await updates.reach("bpf://maps", 1);
  assert.equal(updates.count("bpf://links"), 0);

  const program = programs.find(({ name }) => name === "on_raw_tracepoint");
  const [map] = maps;
  assert.ok(program !== undefined && map !== undefined);
  const single = `bpf://programs/${program.program_id}`;
  const used = `bpf://maps/${map.map_id}`;
  for (const uri of [single, used]) await client.subscribeResource({ uri });

  const { attachment_id, links: [link] } = await maker.attach(program.program_id, { type: "auto" });
  assert.ok(link !== undefined);
  await updates.reach("bpf://links", 1);
  await updates.reach(single, 1);
  const hook = `bpf://links/${link.link_id}`;
  await client.subscribeResource({ uri: hook });
  const { program: shown } = await read(watcher, single, shownProgram);
  assert.deepEqual(shown.attached.map((one) => one.link_id), [link.link_id]);
  const { link: shownLink } = await read(watcher, hook, z.object({ link: z.looseObject({}) }));
  assert.equal(shownLink.program_id, program.program_id);

  await client.unsubscribeResource({ uri: "bpf://links" });
  const linksTold = updates.count("bpf://links");
  await maker.detach(attachment_id);
  await updates.reach(hook, 1);
  await updates.reach(single, 2);
  assert.equal(updates.count(used), 0, "nothing was said of the map, which did not change");

  await maker.unload(object_id);
  await updates.reach(single, 3);
  await updates.reach(used, 1);
  await rest(quietMs);
  assert.equal(updates.count("bpf://links"), linksTold, "no word after unsubscribing");
  await refused(client.readResource({ uri: single }), -32002);
  await client.unsubscribeResource({ uri: single });
  await refused(client.subscribeResource({ uri: single }), -32002);
});

const shownProgram = z.object({
  program: z.object({ attached: z.array(z.looseObject({ link_id: z.int() })) }),
});

kernelTest("subscriptions over HTTP tell each session alone, and end with it", async () => {
  await using server = await HttpServer.start({ args: ["--objects", "/"] });
  await using first = await server.connect();
  await using second = await server.connect();
  const told = [new Updates(first.client), new Updates(second.client)] as const;
  await first.client.subscribeResource({ uri: "bpf://programs" });
  await first.client.subscribeResource({ uri: "bpf://session" });
  const object = await second.load(await buildObject("no_maps"));
  await told[0].reach("bpf://programs", 1);
  assert.equal(told[1].count("bpf://programs"), 0);
  assert.equal(told[0].count("bpf://session"), 0, "another session's objects are not ours");
  await second.client.subscribeResource({ uri: "bpf://programs" });
  await first.end();
  const before = told[1].count("bpf://programs");
  await second.ask(z.object({}), "unload_program", { object_id: object.object_id });
  await told[1].reach("bpf://programs", before + 1);
  await second.end();
});

kernelTest("a server that nobody subscribes to any more does not look", async () => {
  await using watcher = await McpSession.start(viewer);
  const { client, pid } = watcher;
  for (const uri of lists) await client.subscribeResource({ uri });
  const looking = await wakeUpsIn(pid, 2 * quietMs);
  for (const uri of lists) await client.unsubscribeResource({ uri });
  await rest(quietMs); // for the answers to be written
  const still = await wakeUpsIn(pid, 2 * quietMs);
  assert.ok(looking >= 4, `while somebody is subscribed ids are walked: ${looking}`);
  assert.ok(still <= 1, `afterwards the process sleeps: ${still}`);
});

/** How often the main thread of a process woke up from a sleep of its own. */
async function wakeUpsIn(pid: number, ms: number): Promise<number> {
  const before = await voluntarySwitches(pid);
  await rest(ms);
  return await voluntarySwitches(pid) - before;
}

async function voluntarySwitches(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/task/${pid}/status`);
  return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
}
