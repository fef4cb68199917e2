// One process of a run: `child.ts TARGET SEED FIRST COUNT`. Tells on stdout, in lines of JSON,
// where it is and at the end how it went. It is a process of its own so that a case can be named
// which never ends, or takes the process with it.
import { say } from "../../scripts/say.ts";
import type { Message } from "./messages.ts";
import { runCases } from "./run_cases.ts";
import { findTarget } from "./targets.ts";

const [name = "", ...numbers] = Deno.args;
const [seed = 1, first = 0, count = 0] = numbers.map(Number);
const target = findTarget(name);
if (target === undefined) throw new TypeError(`no target ${name}`);

/** Between two reports of where it is. */
const REPORT_MS = 500;

let due = 0;
const prepared = await target.prepare();
const outcome = await runCases(target, prepared, { seed, first, count }, (index) => {
  const now = performance.now();
  if (now < due) return;
  due = now + REPORT_MS;
  tell({ kind: "at", index });
});
await prepared[Symbol.asyncDispose]();
const failures = outcome.failures.map((one) => ({ ...one, input: one.input.toBase64() }));
tell({ kind: "end", ...outcome, failures, rss: Deno.memoryUsage().rss });
Deno.exit(0);

function tell(message: Message): void {
  say(JSON.stringify(message));
}
