// Many clients, random calls and random kills for a long time: 10 minutes, --minutes N, --hours N.
// Everything is drawn from --seed; the machine's timing is not, so a run repeats only nearly.
import { parseArgs } from "node:util";
import { fail, say } from "./say.ts";
import { runSoak, type SoakOptions } from "./soak/run.ts";
import { judge } from "./soak/verdicts.ts";
import type { Counts } from "./test_report.ts";

const MINUTE_MS = 60_000;
const DEFAULT_MINUTES = 10;
const MOST_MINUTES = 7 * 24 * 60;

/** Runs a soak, prints each verdict, and counts them. */
export async function soak(options: Omit<SoakOptions, "say">): Promise<Counts> {
  say(`seed ${options.seed}, ${(options.durationMs / MINUTE_MS).toFixed(1)} minutes, 20 clients`);
  const verdicts = judge(await runSoak({ ...options, say }));
  for (const { holds, text } of verdicts) say(`${holds ? "ok    " : "FAILED"} ${text}`);
  const failed = verdicts.filter(({ holds }) => !holds).length;
  return { passed: verdicts.length - failed, failed };
}

function parseMinutes(minutes: string | undefined, hours: string | undefined): number {
  if (minutes !== undefined && hours !== undefined) fail("soak: give --minutes or --hours");
  const given = minutes !== undefined
    ? Number(minutes)
    : hours !== undefined
    ? Number(hours) * 60
    : DEFAULT_MINUTES;
  if (given > 0 && given <= MOST_MINUTES) return given;
  return fail(`soak: wanted more than 0 and at most ${MOST_MINUTES} minutes, not ${given}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      minutes: { type: "string" },
      hours: { type: "string" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
    },
  });
  if (Deno.uid() !== 0) fail("soak: must run as root: the servers load programs into the kernel");
  const durationMs = parseMinutes(values.minutes, values.hours) * MINUTE_MS;
  const { failed } = await soak({ durationMs, seed: Number(values.seed) });
  if (failed > 0) Deno.exit(1);
}

if (import.meta.main) await main();
