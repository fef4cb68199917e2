// Servers that are killed and clients that vanish: the kernel is left as it was, every time.
import assert from "node:assert/strict";
import * as z from "zod";
import { assertGone, heldBy, type Made, mapsNamed, untilGone } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { LineClient } from "../support/line_client.ts";
import { buildObject } from "../support/objects.ts";
import { Trigger } from "../support/trigger.ts";
import { until } from "../support/within.ts";

const rounds = 50;
/** The machine may have two cores only. */
const atOnce = 3;
const patienceMs = 5_000;
const args = ["--role", "operator", "--objects", "/"];
const attached = z.looseObject({ programs: z.array(z.looseObject({ program_id: z.int() })) });

/** A server with an object attached, whose maps have names that begin with `prefix`. */
async function occupied(trigger: Trigger, prefix: string) {
  const client = await LineClient.connect({ args });
  const object = attached.parse(
    await client.call("load_program", {
      source: { type: "file", path: await buildObject("attach_kinds") },
      name: prefix,
      programs: ["on_raw_tracepoint"],
      globals: { target_pid: trigger.pid },
    }),
  );
  const [{ program_id }] = object.programs;
  const attachment = { type: "raw_tracepoint", name: "sys_enter" };
  await client.call("attach_program", { program_id, attachment });
  return { client, program_id };
}

/** What a server is doing when the end comes; each returns once it does it. */
const situations: readonly ((trigger: Trigger, prefix: string) => Promise<LineClient>)[] = [
  async function inForegroundStream(trigger, prefix) {
    const { client, program_id } = await occupied(trigger, prefix);
    const call = { name: "stream_events", arguments: { program_id, duration_ms: 60_000 } };
    await client.post("tools/call", { ...call, _meta: { progressToken: 1 } });
    assert.equal((await client.receive()).method, "notifications/progress");
    return client;
  },
  async function readingBackgroundStream(trigger, prefix) {
    const { client, program_id } = await occupied(trigger, prefix);
    const { stream_id } = await client.call("stream_events", { program_id, background: true });
    const call = { name: "read_stream", arguments: { stream_id, wait_ms: 50_000 } };
    await client.post("tools/call", call);
    return client;
  },
  async function runningGadget() {
    const client = await LineClient.connect({ args: [] });
    const params = { ppid: 4_194_304 };
    const call = { name: "run_gadget", arguments: { gadget: "exec_snoop", params } };
    await client.post("tools/call", { ...call, _meta: { progressToken: 1 } });
    assert.equal((await client.receive()).method, "notifications/progress");
    return client;
  },
  async function loading(_trigger, prefix) {
    const client = await LineClient.connect({ args });
    const source = { type: "file", path: await buildObject("attach_kinds") };
    for (let i = 0; i < 5; i++) {
      const call = { name: "load_program", arguments: { source, name: prefix } };
      await client.post("tools/call", call);
    }
    return client;
  },
];

/** Seven characters, for which the kernel's names of maps have room; none begins another. */
function prefixOf(round: number): string {
  const digits = (number: number, width: number) => {
    return (number % 36 ** width).toString(36).padStart(width, "0");
  };
  return `e${digits(Deno.pid, 4)}${digits(round, 2)}`;
}

/** Runs `round` for each number, some at once. */
async function repeat(round: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < rounds) await round(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function isReleased(made: Made, prefix: string): Promise<void> {
  await untilGone(made, patienceMs);
  await until(patienceMs, "the maps' release", async () => (await mapsNamed(prefix)).length === 0);
}

kernelTest("a server that is killed, 50 times, leaves no program, map or link", async () => {
  await using trigger = await Trigger.start();
  await repeat(async (round) => {
    const prefix = prefixOf(round);
    const client = await situations[round % situations.length](trigger, prefix);
    const made = heldBy(client.pid);
    if (round === 0) assert.ok(made.programs.length > 0 && made.links.length > 0);
    client.kill("SIGKILL");
    assert.equal((await client.ended()).signal, "SIGKILL");
    await client.vanish();
    await isReleased(made, prefix);
  });
});

kernelTest("a client that vanishes mid-call, 50 times, takes everything along", async () => {
  await using trigger = await Trigger.start();
  await repeat(async (round) => {
    const prefix = prefixOf(rounds + round);
    const client = await situations[round % situations.length](trigger, prefix);
    const made = heldBy(client.pid);
    await client.vanish();
    assert.equal((await client.ended()).code, 0, "the server ends by itself");
    await isReleased(made, prefix);
  });
});

const signals = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const;

kernelTest("a server that is told to end twice ends at once", async (t) => {
  await using trigger = await Trigger.start();
  for (const [index, [signal, code]] of signals.entries()) {
    await t.step(signal, async () => {
      const { client } = await occupied(trigger, prefixOf(2 * rounds + index));
      const made = heldBy(client.pid);
      assert.ok(made.programs.length > 0 && made.links.length > 0);
      client.kill(signal);
      client.kill(signal);
      const ended = await client.ended();
      // 0 where the first was through with its work before the second arrived
      assert.ok([0, code].includes(ended.code), `exit code ${ended.code}`);
      await client.vanish();
      await untilGone(made, patienceMs);
      await assertGone(made);
    });
  }
});
