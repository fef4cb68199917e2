// One of the clients: cycles of random actions, each cycle with an end of its own.
import type { Random } from "../../tests/fuzz/random.ts";
import { Trigger } from "../../tests/support/trigger.ts";
import { act, type Doer, gadgetFor, releaseAll, type Shared } from "./actions.ts";
import type { Rest } from "./rest.ts";
import type { Ending, SoakSession } from "./sessions.ts";

export interface ClientPlan {
  /** `stdio 3`, for messages. */
  readonly name: string;
  /** How its sessions may end; empty: it keeps one for the whole soak. */
  readonly endings: readonly Ending[];
  open(random: Random): Promise<SoakSession>;
}

export interface ClientReport {
  cycles: number;
  readonly ended: Record<Ending, number>;
  /** What went wrong, with the client's name. */
  readonly failures: string[];
}

/** Failures that are kept; a broken server gives the same again and again. */
const MOST_FAILURES = 20;
/** A pause between two calls, as a model makes one: the load is many clients, not one loop. */
const MOST_PAUSE_MS = 150;

/** Works until `over` is aborted; what goes wrong is reported, and a new session begun. */
export async function runClient(
  plan: ClientPlan,
  random: Random,
  shared: Shared,
  rest: Rest,
  over: AbortSignal,
  report: ClientReport,
): Promise<void> {
  await using trigger = await Trigger.start();
  let session: SoakSession | null = null;
  while (!over.aborted) {
    try {
      session ??= await plan.open(random);
      session = await cycle(plan, { session, random, trigger, shared, owned: [] }, rest, report);
    } catch (error) {
      const reason = error instanceof Error ? error.stack ?? error.message : String(error);
      if (report.failures.length < MOST_FAILURES) report.failures.push(`${plan.name}: ${reason}`);
      await session?.end("kill").catch(() => {}); // it may have ended already
      session = null;
    }
    await rest.arrive();
  }
  await session?.end("polite");
}

/** Some actions, then an end; null when the session is over. */
async function cycle(
  plan: ClientPlan,
  doer: Doer,
  rest: Rest,
  report: ClientReport,
): Promise<SoakSession | null> {
  const { random, session } = doer;
  for (let left = random.between(3, 15); left > 0 && !rest.isWanted; left--) {
    await act(doer);
    await new Promise((resolve) => setTimeout(resolve, random.below(MOST_PAUSE_MS)));
  }
  report.cycles++;
  const ending = plan.endings.length === 0 ? null : random.pick(plan.endings);
  if (ending === null) {
    await releaseAll(doer);
    return session;
  }
  // The others leave it all to the server, half of them in the middle of a call.
  if (ending === "polite") await releaseAll(doer);
  else if (random.once(2)) await session.beginCall("run_gadget", gadgetFor(2_000));
  await session.end(ending);
  report.ended[ending]++;
  return null;
}
