// Names and arguments that others chose, to break a terminal or a parser: shown, never obeyed.
import assert from "node:assert/strict";
import * as z from "zod";
import { loaded, streamed } from "../support/answers.ts";
import { cliOnTerminal } from "../support/cli.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { LineClient } from "../support/line_client.ts";
import { buildObject } from "../support/objects.ts";
import { Trigger } from "../support/trigger.ts";

/** What a terminal obeys: C0, DEL, C1, turns of the writing direction. */
const obeyed = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

/** The arguments of `exec hostile`, made visible. */
const hostileArgs = ["true", "\\x1b[31mred", '"quoted"', "two\\x0alines", "bad \ufffd utf-8"];

const names: readonly (readonly [bytes: readonly number[], shown: string])[] = [
  [[0x1b, 0x5b, 0x32, 0x4a, 0x78], "\\x1b[2Jx"], // clears the screen
  [[0x22, 0x7d, 0x2c, 0x7b, 0x22], '"},{"'], // leaves a JSON string
  [[0xff, 0xfe, 0x80], "\ufffd\ufffd\ufffd"], // no UTF-8
  [[0xe2, 0x80, 0xae, 0x61, 0x62], "\\u{202e}ab"], // turns the writing direction
  [[0xc2, 0x9b, 0x33, 0x31, 0x6d], "\\x9b31m"], // C1: another way to write ESC [
  [[0x5c, 0x6e, 0x5c, 0x22], '\\n\\"'], // backslashes, which are no escapes
  [[0x25, 0x73, 0x25, 0x6e], "%s%n"],
  [[0x61, 0x0d, 0x62, 0x07, 0x08], "a\\x0db\\x07\\x08"],
];

/** A line of the server: JSON, and nothing in it that a terminal would obey. */
function requireHarmless(line: string | null): unknown {
  assert.ok(line !== null);
  assert.doesNotMatch(line, obeyed);
  const value: unknown = JSON.parse(line);
  return value;
}

const answer = z.looseObject({ result: z.looseObject({ structuredContent: streamed }) });

kernelTest("a process name of hostile bytes comes out as harmless text", async (t) => {
  await using trigger = await Trigger.start();
  await using client = await LineClient.connect({ args: ["--role", "operator", "--objects", "/"] });
  const object = loaded.parse(
    await client.call("load_program", {
      source: { type: "file", path: await buildObject("flood") },
      programs: ["on_getppid"],
      globals: { target_pid: trigger.pid, burst: 1 },
    }),
  );
  const [{ program_id }] = object.programs;
  await client.call("attach_program", { program_id, attachment: { type: "auto" } });
  const { stream_id } = await client.call("stream_events", { program_id, background: true });
  for (const [bytes, shown] of names) {
    await t.step(shown, async () => {
      await trigger.rename(new Uint8Array(bytes));
      await trigger.run("getppid 1");
      const args = { stream_id, wait_ms: 5_000, limit: 1 };
      await client.post("tools/call", { name: "read_stream", arguments: args });
      const { result } = answer.parse(requireHarmless(await client.receiveLine()));
      assert.deepEqual(result.structuredContent.events.map(({ comm }) => comm), [shown]);
    });
  }
});

kernelTest("arguments of hostile bytes come out as harmless text", async () => {
  await using trigger = await Trigger.start();
  await using client = await LineClient.connect({ args: [] });
  const { stream_id } = await client.call("run_gadget", {
    gadget: "exec_snoop",
    params: { ppid: trigger.pid },
    background: true,
  });
  await trigger.run("exec hostile 1");
  const args = { stream_id, wait_ms: 5_000 };
  await client.post("tools/call", { name: "read_stream", arguments: args });
  const { result } = answer.parse(requireHarmless(await client.receiveLine()));
  assert.deepEqual(result.structuredContent.events.map(({ args }) => args), [hostileArgs]);
});

/** Execs until the call has seen one. */
async function fireUntil(trigger: Trigger, seen: Promise<unknown>): Promise<void> {
  let waiting = true;
  const stop = () => waiting = false;
  seen.then(stop, stop);
  while (waiting) {
    await trigger.run("exec hostile 1");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

kernelTest("a terminal shows hostile arguments, drawn or as JSON, and obeys none", async (t) => {
  for (const flags of [[], ["--json"]]) {
    await t.step(flags.length === 0 ? "drawn" : "as JSON", async () => {
      await using trigger = await Trigger.start();
      const args = JSON.stringify({
        gadget: "exec_snoop",
        params: { ppid: trigger.pid },
        max_events: 1,
        duration_ms: 30_000,
      });
      const drawing = cliOnTerminal(["call", "run_gadget", args, ...flags]);
      await fireUntil(trigger, drawing);
      const bytes = await drawing;
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      const ours = text.replaceAll("\r\u001b[K", "").replaceAll("\r\n", " ").replaceAll("\n", " ");
      assert.doesNotMatch(ours, obeyed);
      assert.match(ours, /\\x1b\[31mred/);
    });
  }
});
