// Events of a background stream, waited for by number.
import assert from "node:assert/strict";
import type { Fields, Streamed } from "./answers.ts";
import type { McpSession } from "./client.ts";

const patienceMs = 10_000;

/** Reads until `count` events came, or more if `read_stream` gave them in one answer. */
export async function readEvents(
  session: McpSession,
  streamId: string,
  count: number,
): Promise<Fields[]> {
  const events: Fields[] = [];
  const deadline = performance.now() + patienceMs;
  while (events.length < count) {
    const answer = await session.read(streamId, { wait_ms: 1_000 });
    events.push(...answer.events);
    accountedFor(answer);
    const mayCome = performance.now() < deadline && answer.next_cursor !== null;
    assert.ok(events.length >= count || mayCome, `${events.length} of ${count} events came`);
  }
  return events;
}

/** Every record that was received is accounted for. */
export function accountedFor(answer: Streamed): void {
  const { received, returned, aggregated, filtered, dropped } = answer;
  assert.equal(received, returned + aggregated + filtered + dropped.ours, "received");
}
