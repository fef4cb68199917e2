// Fuzzes the readers of foreign bytes: a million inputs each, or what the flags say.
import { LEAST_COVERED, LEAST_PAST, MOST_RSS, type Result } from "../tests/fuzz/campaign.ts";
import { runCampaign } from "../tests/fuzz/campaign.ts";
import { keepCrasher } from "../tests/fuzz/crashers.ts";
import { resultRow, titleRow } from "../tests/fuzz/report.ts";
import type { Target } from "../tests/fuzz/target.ts";
import { findTarget, targets } from "../tests/fuzz/targets.ts";
import { fail, say, warn } from "./say.ts";

const usage = `usage: deno task fuzz [--target NAME] [--seed N] [--count N] [--case K]
  --target  one of ${targets.map(({ name }) => name).join(", ")}; all by default
  --seed    what the inputs are made from; 1 by default
  --count   inputs of each target; by default what "a million" is for it
  --case    that one input alone, as a failure names it`;

interface Options {
  readonly targets: readonly Target[];
  readonly seed: number;
  readonly count: number | null;
  readonly only: number | null;
}

function parseArguments(args: readonly string[]): Options {
  const values = new Map<string, string>();
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at], args[at + 1]];
    if (!/^--(target|seed|count|case)$/.test(name) || value === undefined) fail(usage);
    values.set(name.slice(2), value);
  }
  const name = values.get("target");
  const chosen = name === undefined ? targets : [findTarget(name) ?? fail(usage)];
  const only = numberOf(values.get("case"));
  if (only !== null && name === undefined) fail(usage);
  const seed = numberOf(values.get("seed")) ?? 1;
  return { targets: chosen, seed, count: numberOf(values.get("count")), only };
}

function numberOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return /^\d{1,12}$/.test(text) ? Number(text) : fail(usage);
}

/** The lines are counted in a run of their own: counting makes the long one many times slower. */
async function countLines(target: Target, seed: number): Promise<Result> {
  const count = target.cases.short;
  return await runCampaign({ target, seed, first: 0, count, processes: 1, lines: "counted" });
}

/** Runs a target and says how it went; true when all is well. */
async function fuzz(target: Target, { seed, count, only }: Options): Promise<boolean> {
  const range = only === null
    ? { first: 0, count: count ?? target.cases.long }
    : { first: only, count: 1 };
  const { processes } = target;
  const bulk = await runCampaign({ target, seed, ...range, processes, lines: "not counted" });
  const { coverage } = only === null ? await countLines(target, seed) : bulk;
  const result = { ...bulk, coverage };
  say(resultRow(target.name, result));
  const problems = only === null ? shortfalls(result) : [];
  for (const { index, reason, input } of result.failures) {
    const kept = input.length === 0 ? "" : `kept as ${await keepCrasher(target.name, input)}; `;
    const again = `deno task fuzz --target ${target.name} --seed ${seed} --case ${index}`;
    problems.push(`case ${index}: ${reason}\n  ${kept}again: ${again}`);
  }
  for (const problem of problems) warn(`${target.name}: ${problem}`);
  return problems.length === 0;
}

/** What a run must reach and did not. */
function shortfalls({ cases, past, rss, coverage }: Result): string[] {
  const problems: string[] = [];
  if (past < LEAST_PAST * cases) problems.push(`${past} of ${cases} inputs got past the header`);
  if (rss > MOST_RSS) problems.push(`${rss} bytes in memory, wanted at most ${MOST_RSS}`);
  if (coverage !== null && coverage.ran < LEAST_COVERED * coverage.lines) {
    const { ran, lines, missed } = coverage;
    problems.push(`${ran} of ${lines} lines ran: ${missed.join(" ")}`);
  }
  return problems;
}

async function main(): Promise<void> {
  if (Deno.uid() !== 0) fail("fuzz: must run as root: some targets load programs into the kernel");
  const options = parseArguments(Deno.args);
  say(titleRow());
  let isWell = true;
  for (const target of options.targets) {
    if (!await fuzz(target, options)) isWell = false;
  }
  if (!isWell) Deno.exit(1);
}

if (import.meta.main) await main();
