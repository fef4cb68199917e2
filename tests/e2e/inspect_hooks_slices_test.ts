// inspect_hooks on a host with many places: others are answered meanwhile, and a cancel ends it.
import assert from "node:assert/strict";
import { mustRun } from "../../scripts/command.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { McpSession } from "../support/client.ts";
import { type HookAnswer, hookAnswer } from "../support/hooks.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { LineClient } from "../support/line_client.ts";
import { buildObject } from "../support/objects.ts";
import { uniqueName } from "../support/unique_name.ts";
import { VethPair } from "../support/veth_pair.ts";

const namespaceCount = 60;
const groupCount = 300;
const promisedMs = 200;
/** This machine may be busy with others: the best of so many runs counts. */
const mostRuns = 8;
const admin = ["--role", "admin", "--objects", "/"];

/** Network namespaces and control groups, which a program that is attached makes worth asking. */
async function makePlaces(): Promise<AsyncDisposable> {
  await using owned = new AsyncDisposableStack();
  const prefix = uniqueName();
  const names = Array.from({ length: namespaceCount }, (_, index) => `${prefix}-${index}`);
  for (const name of names) {
    await mustRun("ip", ["netns", "add", name]);
    owned.defer(async () => void await mustRun("ip", ["netns", "delete", name]));
  }
  const parent = owned.use(await TestCgroup.make());
  for (let index = 0; index < groupCount; index++) {
    const path = `${parent.path}/${index}`;
    await Deno.mkdir(path);
    owned.defer(() => Deno.remove(path));
  }
  const maker = owned.use(await McpSession.start({ args: admin }));
  const { programs: [{ program_id }] } = await maker.load(await buildObject("attach_kinds"), {
    programs: ["on_connect4"],
  });
  await maker.attach(program_id, { type: "cgroup", path: parent.path, attach_type: "connect4" });
  return owned.move();
}

const question = { name: "inspect_hooks", arguments: {} };

interface Run {
  readonly answer: HookAnswer;
  /** How long each ping took that was answered while the survey went on. */
  readonly pings: readonly number[];
}

/** Pings one after the other until the survey answers. */
async function pingMeanwhile(client: LineClient): Promise<Run> {
  const surveyed = await client.post("tools/call", question);
  const pings: number[] = [];
  let answer: HookAnswer | null = null;
  while (answer === null) {
    const sent = performance.now();
    const ping = await client.post("ping");
    for (let isPinged = false; !isPinged;) {
      const { id, result } = await client.receive();
      if (id === surveyed) answer = hookAnswer.parse(result?.structuredContent);
      isPinged = id === ping;
    }
    pings.push(performance.now() - sent);
  }
  return { answer, pings };
}

kernelTest("inspect_hooks answers pings within 200 ms while it looks everywhere", async () => {
  await using _places = await makePlaces();
  await using client = await LineClient.connect({ args: admin });
  const slowest: number[] = [];
  while (slowest.length < mostRuns && !slowest.some((ms) => ms <= promisedMs)) {
    const { answer, pings } = await pingMeanwhile(client);
    assert.deepEqual(answer.missing.filter(({ why }) => why.endsWith("took too long")), []);
    assert.ok(Number(answer.looked_at.network_namespaces) > namespaceCount);
    assert.ok(Number(answer.looked_at.control_groups) > groupCount);
    assert.ok(pings.length >= 3, `${pings.length} pings were answered meanwhile`);
    slowest.push(Math.max(...pings));
  }
  assert.ok(Math.min(...slowest) <= promisedMs, `the slowest of each run took ${slowest} ms`);
});

/** User and system time that a process has used, in ticks of 10 ms. */
function ticksOf(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** What work took of the server's time. */
async function ticksFor(client: LineClient, work: () => Promise<void>): Promise<number> {
  const before = ticksOf(client.pid);
  await work();
  await new Promise((resolve) => setTimeout(resolve, 500)); // for what it may go on with
  return ticksOf(client.pid) - before;
}

kernelTest("a cancelled inspect_hooks does not look at the rest", async () => {
  await using _places = await makePlaces();
  await using client = await LineClient.connect({ args: admin });
  await client.request("tools/call", question); // what is done once is done
  const shares: number[] = [];
  while (shares.length < mostRuns && !shares.some((share) => share < 0.6)) {
    const whole = await ticksFor(client, async () => {
      await client.request("tools/call", question);
    });
    const cancelled = await ticksFor(client, async () => {
      const requestId = await client.post("tools/call", question);
      const params = { requestId, reason: "the test says so" };
      await client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params });
      await client.ping();
    });
    shares.push(cancelled / whole);
  }
  assert.ok(Math.min(...shares) < 0.6, `of the work it did ${shares}`);
});

kernelTest("inspect_hooks finds hooks by their namespace's name and by direction", async () => {
  await using pair = await VethPair.make();
  await using owner = await McpSession.start({ args: admin, wrapper: pair.wrapper });
  await using session = await McpSession.start({ args: admin });
  const { programs: [{ program_id }] } = await owner.load(await buildObject("attach_kinds"), {
    programs: ["on_tc"],
  });
  const at = { type: "tcx", interface: pair.incoming };
  for (const direction of ["ingress", "egress"]) {
    await owner.attach(program_id, { ...at, direction });
  }
  const directions = async (target: string) => {
    const { hooks } = await session.ask(hookAnswer, "inspect_hooks", { kind: "tcx", target });
    const ours = hooks.filter(({ hook }) => hook.netns_name === pair.namespace);
    return ours.map(({ hook }) => hook.direction);
  };
  assert.deepEqual(await directions(pair.namespace), ["ingress", "egress"]);
  assert.deepEqual(await directions("ingress"), ["ingress"]);
  assert.deepEqual(await directions("egress"), ["egress"]);
  assert.deepEqual(await directions("no-such-namespace"), []);
});
