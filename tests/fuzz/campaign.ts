// Runs a target's cases in processes of their own and adds up how they went. A process that never
// ends, or dies, is a failure of the case that it was at.
import { locked } from "../../scripts/command.ts";
import { repository } from "../../scripts/paths.ts";
import { type Coverage, readCoverage } from "./coverage.ts";
import { type End, parseMessage } from "./messages.ts";
import type { Target } from "./target.ts";

/** What must be reached: of the inputs past the first check, of the lines of the target's files. */
export const LEAST_PAST = 0.6;
export const LEAST_COVERED = 0.85;
/** Bytes that a process may have in memory at its end, of whatever hostile inputs it saw. */
export const MOST_RSS = 768 * 2 ** 20;
/** V8's heap: a case that needs more takes its process with it. */
const HEAP_MB = 512;
/** A process has a new heap after so many cases: compiled code is kept for long. */
const CASES_PER_PROCESS = 25_000;
/** Without a word for so long a process is stuck: cases are bounded far below. */
const SILENCE_MS = 120_000;

export interface Campaign {
  readonly target: Target;
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  readonly processes: number;
  /** Whether lines are counted, which makes everything slower. */
  readonly lines: "counted" | "not counted";
}

export interface CampaignFailure {
  readonly index: number;
  readonly reason: string;
  /** Empty where the process could not say any more. */
  readonly input: Uint8Array<ArrayBuffer>;
}

export interface Result {
  readonly cases: number;
  readonly past: number;
  readonly seconds: number;
  readonly slowestMs: number;
  readonly rss: number;
  readonly failures: readonly CampaignFailure[];
  readonly coverage: Coverage | null;
}

export async function runCampaign(campaign: Campaign): Promise<Result> {
  const started = performance.now();
  const profiles = campaign.lines === "counted" ? await Deno.makeTempDir() : null;
  const parts = split(campaign);
  const ends: End[] = [];
  const failures: CampaignFailure[] = [];
  const worker = async () => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const outcome = await runPart(campaign, part, profiles);
      if ("reason" in outcome) failures.push(outcome);
      else ends.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: campaign.processes }, worker));
  const seconds = (performance.now() - started) / 1000;
  for (const end of ends) {
    failures.push(
      ...end.failures.map((one) => ({ ...one, input: Uint8Array.fromBase64(one.input) })),
    );
  }
  return {
    cases: ends.reduce((sum, end) => sum + end.cases, 0),
    past: ends.reduce((sum, end) => sum + end.past, 0),
    seconds,
    slowestMs: Math.max(0, ...ends.map((end) => end.slowestMs)),
    rss: Math.max(0, ...ends.map((end) => end.rss)),
    failures,
    coverage: profiles === null ? null : await takeCoverage(profiles, campaign.target),
  };
}

async function takeCoverage(folder: string, target: Target): Promise<Coverage | null> {
  const coverage = target.files.length === 0 ? null : await readCoverage(folder, target.files);
  await Deno.remove(folder, { recursive: true });
  return coverage;
}

interface Part {
  readonly first: number;
  readonly count: number;
}

/** Pieces for one process each, the last the smallest. */
function split({ first, count, processes }: Campaign): Part[] {
  const each = Math.min(CASES_PER_PROCESS, Math.ceil(count / processes));
  const parts: Part[] = [];
  for (let done = 0; done < count; done += each) {
    parts.push({ first: first + done, count: Math.min(each, count - done) });
  }
  return parts;
}

async function runPart(
  { target, seed }: Campaign,
  part: Part,
  profiles: string | null,
): Promise<End | CampaignFailure> {
  const script = new URL("child.ts", import.meta.url).pathname;
  const flags = ["-A", "--no-check", `--v8-flags=--max-old-space-size=${HEAP_MB}`];
  if (profiles !== null) flags.push(`--coverage=${profiles}`);
  const numbers = [seed, part.first, part.count].map(String);
  const child = new Deno.Command(Deno.execPath(), {
    args: locked("run", ...flags, script, target.name, ...numbers),
    cwd: repository,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  let at = part.first;
  let end: End | null = null;
  let silence = setTimeout(() => child.kill("SIGKILL"), SILENCE_MS);
  for await (const line of linesOf(child.stdout)) {
    clearTimeout(silence);
    silence = setTimeout(() => child.kill("SIGKILL"), SILENCE_MS);
    const message = parseMessage(line);
    if (message?.kind === "at") at = message.index;
    if (message?.kind === "end") end = message;
  }
  const { code, signal } = await child.status;
  clearTimeout(silence);
  if (end !== null && code === 0) return end;
  const last = (await said).trim().split("\n").slice(-8).join("\n");
  const reason = `the process ended with ${signal ?? code} at or soon behind case ${at}: ${last}`;
  return { index: at, reason, input: new Uint8Array() };
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
