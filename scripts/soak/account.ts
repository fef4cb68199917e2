// Events from their making to the client: what the program counted itself, read by bpftool, beside
// what the stream says that it received, returned, filtered and lost.
import * as z from "zod";
import { bpftool } from "../../tests/support/kernel_state.ts";
import { loaded, streamed } from "../../tests/support/answers.ts";
import type { Random } from "../../tests/fuzz/random.ts";
import type { Trigger } from "../../tests/support/trigger.ts";
import { ScriptError } from "../script_error.ts";
import type { Arguments, SoakSession } from "./sessions.ts";

/** Sums over all streams of a soak. */
export interface Account {
  streams: number;
  attempted: number;
  received: number;
  returned: number;
  filtered: number;
  droppedOurs: number;
  droppedKernel: number;
}

export function emptyAccount(): Account {
  return {
    streams: 0,
    attempted: 0,
    received: 0,
    returned: 0,
    filtered: 0,
    droppedOurs: 0,
    droppedKernel: 0,
  };
}

/** More than the ring holds at once: 58,254. */
const OVERFLOW = 60_000;
/** Three bursts of it are more than a stream's queue holds, 8 MiB, when nobody reads. */
const HALF_QUEUE = 50_000;

/** How a client makes events, and which it wants; it reads once in `reads` bursts, or never. */
function plan(random: Random) {
  const filters = { where: [{ field: "low", op: "eq", value: 0 }] };
  if (random.once(30)) return { burst: HALF_QUEUE, rounds: 4, filters: {}, reads: 0 };
  if (random.once(8)) return { burst: OVERFLOW, rounds: 1, filters, reads: 0 };
  if (random.once(2)) return { burst: random.between(1_000, 5_000), rounds: 3, filters, reads: 1 };
  return { burst: random.between(1, 50), rounds: random.between(1, 5), filters: {}, reads: 2 };
}

/**
 * Loads a program that counts what it sends, lets it send, and holds its counters against the
 * stream's. Leaves nothing.
 * @throws {ScriptError} when an event is unaccounted for
 */
export async function accountForEvents(
  session: SoakSession,
  trigger: Trigger,
  path: string,
  random: Random,
  account: Account,
): Promise<void> {
  const { burst, rounds, filters, reads } = plan(random);
  const object = loaded.parse(
    await must(session, "load_program", {
      source: { type: "file", path },
      programs: ["on_getppid"],
      globals: { target_pid: trigger.pid, burst },
    }),
  );
  const mapId = (suffix: string) => {
    const map = object.maps.find(({ name }) => name.endsWith(suffix));
    if (map === undefined) throw new ScriptError(`flood has no map "${suffix}"`);
    return map.map_id;
  };
  const opening = { map_id: mapId("events"), background: true, filters };
  const { stream_id } = streamed.parse(await must(session, "stream_events", opening));
  const attachment = { type: "auto" };
  const [{ program_id }] = object.programs;
  await must(session, "attach_program", { program_id, attachment });
  let returned = 0;
  for (let round = 0; round < rounds; round++) {
    await trigger.run("getppid 1");
    if (reads === 0) await session.request("ping"); // and so it has drained the ring
    else if (random.once(reads)) {
      returned += (await readOnce(session, stream_id, 0)).events.length;
    }
  }
  await must(session, "stop_stream", { stream_id });
  let last = await readOnce(session, stream_id, 0);
  for (;; last = await readOnce(session, stream_id, 0)) {
    returned += last.events.length;
    if (last.next_cursor === null) break;
  }
  const counted = await ownCounters(mapId(".bss"));
  await must(session, "unload_program", { object_id: object.object_id });
  const { received, filtered, dropped, pending } = last;
  const made = burst * rounds;
  requireEqual("attempted", counted.attempted, made);
  requireEqual("sent and dropped by the kernel", counted.sent + counted.dropped, made);
  requireEqual("received", received, counted.sent);
  requireEqual("dropped.kernel", dropped.kernel, counted.dropped);
  requireEqual("pending", pending, 0);
  requireEqual("returned", last.returned, returned);
  requireEqual("returned + filtered + dropped.ours", returned + filtered + dropped.ours, received);
  account.streams++;
  account.attempted += made;
  account.received += received;
  account.returned += returned;
  account.filtered += filtered;
  account.droppedOurs += dropped.ours;
  account.droppedKernel += counted.dropped;
}

async function readOnce(session: SoakSession, stream_id: string, wait_ms: number) {
  return streamed.parse(await must(session, "read_stream", { stream_id, wait_ms }));
}

async function must(session: SoakSession, tool: string, args: Arguments): Promise<Arguments> {
  const { isError, content } = await session.call(tool, args);
  if (isError) throw new ScriptError(`${tool} failed: ${JSON.stringify(content)}`);
  return content;
}

const counter = z.coerce.number().int();
const counters = z.object({ attempted: counter, sent: counter, dropped: counter });

/** What the program counted in its .bss. */
async function ownCounters(mapId: number): Promise<z.infer<typeof counters>> {
  const dump = JSON.stringify(await bpftool("map", "dump", "id", String(mapId)));
  const read = (name: string) => new RegExp(`"${name}":"?(\\d+)`).exec(dump)?.[1];
  return counters.parse({
    attempted: read("attempted"),
    sent: read("sent"),
    dropped: read("dropped"),
  });
}

function requireEqual(what: string, current: unknown, wanted: unknown): void {
  if (current === wanted) return;
  throw new ScriptError(`${what} is ${current}, wanted ${wanted}`);
}
