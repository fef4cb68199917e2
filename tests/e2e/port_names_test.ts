// Ports with the services that they are known for, in events and in sums.
import assert from "node:assert/strict";
import * as z from "zod";
import { streamed } from "../support/answers.ts";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";

const started = z.looseObject({ stream_id: z.string() });

/** Nobody listens there. */
async function knock(port: number): Promise<void> {
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }));
}

kernelTest("events name the services that ports are known for", async () => {
  await using session = await McpSession.start({ args: [] });
  const params = { pid: Deno.pid };
  const run = { gadget: "tcp_connect", params, background: true };
  const { stream_id } = await session.ask(started, "run_gadget", run);
  for (const port of [443, 5432, 64_999]) await knock(port);
  const { events } = await session.read(stream_id, { wait_ms: 1_000 });
  assert.deepEqual(
    events.map(({ remote_port, remote_port_name }) => {
      return [remote_port, remote_port_name];
    }),
    [[443, "https"], [5432, "postgresql"], [64_999, undefined]],
  );
  assert.ok(events.every((event) => !("local_port_name" in event)));
});

kernelTest("sums name them too", async () => {
  await using session = await McpSession.start({ args: [] });
  const aggregate = { by: ["remote_port"], compute: [{ op: "count" }] };
  const run = { gadget: "tcp_connect", params: { pid: Deno.pid }, aggregate, background: true };
  const { stream_id } = await session.ask(started, "run_gadget", run);
  for (const port of [443, 443, 389]) await knock(port);
  const { aggregate: sum } = await session.ask(
    streamed.extend({ aggregate: z.looseObject({ rows: z.array(z.looseObject({})) }) }),
    "stop_stream",
    { stream_id },
  );
  assert.deepEqual(sum.rows, [
    { remote_port: 443, remote_port_name: "https", count: 2 },
    { remote_port: 389, remote_port_name: "ldap", count: 1 },
  ]);
});
