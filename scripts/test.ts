// Everything, on the running kernel. The last line is "N passed, N failed", alone.
import { build } from "./build.ts";
import { locked, show } from "./command.ts";
import { compareCorpus } from "./corpus.ts";
import { clearCoverage, coverageOptions, reportCoverage } from "./coverage.ts";
import { generate } from "./gen.ts";
import { everyFile, everyKernel, runMatrix } from "./matrix.ts";
import { checks, runChecks, UNIT_PERMISSIONS } from "./ok.ts";
import { distFolder, repository } from "./paths.ts";
import { fail, say, warn } from "./say.ts";
import { ScriptError } from "./script_error.ts";
import { setup } from "./setup.ts";
import { soak } from "./soak.ts";
import { type Counts, countTests, type TestCase, testCases } from "./test_report.ts";
import { listFiles } from "./tree.ts";

interface Stage {
  readonly name: string;
  /** What it may take on two idle cores; together 25 minutes. */
  readonly budgetSeconds: number;
  /** Stages without which this one says nothing. */
  readonly needs?: readonly string[];
  run(): Promise<Outcome>;
}

interface Outcome extends Counts {
  /** The tests of a stage that names them. */
  readonly tests?: readonly TestCase[];
}

interface Result extends Outcome {
  readonly name: string;
  readonly budgetSeconds: number;
  readonly seconds: number;
}

const builtProgram = [new URL("ebpf-mcp", distFolder).pathname];

const stages: readonly Stage[] = [
  { name: "setup", budgetSeconds: 45, run: () => step(() => setup("tests")) },
  { name: "generate", budgetSeconds: 15, needs: ["setup"], run: () => step(compareGenerated) },
  { name: "build", budgetSeconds: 25, needs: ["setup"], run: () => step(build) },
  {
    name: "ok",
    budgetSeconds: 20,
    run: async () => ({ passed: 0, failed: await runChecks(checks) }),
  },
  {
    name: "unit",
    budgetSeconds: 60,
    run: () => denoTest("unit", [...UNIT_PERMISSIONS, ...coverageOptions]),
  },
  {
    name: "kernel",
    budgetSeconds: 155,
    needs: ["build"],
    run: () => denoTest("kernel", ["-A", ...coverageOptions]),
  },
  { name: "coverage", budgetSeconds: 5, run: () => step(requireCoverage) },
  { name: "e2e", budgetSeconds: 300, needs: ["build"], run: () => denoTest("e2e", ["-A"]) },
  {
    name: "conformance",
    budgetSeconds: 15,
    needs: ["build"],
    run: () => denoTest("conformance", ["-A"]),
  },
  { name: "fuzz", budgetSeconds: 50, needs: ["build"], run: () => denoTest("fuzz", ["-A"]) },
  {
    name: "corpus",
    budgetSeconds: 15,
    needs: ["build"],
    run: () => compareCorpus(builtProgram, "table"),
  },
  {
    name: "matrix",
    budgetSeconds: 720,
    needs: ["build"],
    run: () => runMatrix({ kernels: everyKernel, files: everyFile, shell: false }),
  },
  { name: "soak", budgetSeconds: 70, needs: ["build"], run: soakOneMinute },
];

/** A stage that is no test: it counts only when it fails. */
async function step(work: () => Promise<void>): Promise<Counts> {
  await work();
  return { passed: 0, failed: 0 };
}

function soakOneMinute(): Promise<Counts> {
  return soak({ durationMs: 60_000, seed: Date.now() % 1_000_000 });
}

async function requireCoverage(): Promise<void> {
  if (!await reportCoverage()) throw new ScriptError("too few lines of src/ ran, see above");
}

/** Writes every generated file anew and refuses any difference from what is checked in. */
async function compareGenerated(): Promise<void> {
  const before = await generatedFiles();
  await generate();
  const after = await generatedFiles();
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path));
  if (changed.length > 0) throw new ScriptError(`stale: ${changed.join(", ")}; commit the new`);
}

async function generatedFiles(): Promise<Map<string, string>> {
  const files = (await listFiles("")).filter((path) =>
    path.endsWith(".gen.ts") || path.startsWith("schemas/")
  );
  const texts = files.map((path) => Deno.readTextFile(new URL(path, repository)));
  return new Map((await Promise.all(texts)).map((text, index) => [files[index] ?? "", text]));
}

/** Runs the tests below tests/`folder`, one file after the other, and counts them. */
async function denoTest(folder: string, permissions: readonly string[]): Promise<Outcome> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const options = ["--no-check", ...permissions, `--junit-path=${report}`];
  const code = await show(Deno.execPath(), locked("test", ...options, `tests/${folder}`), {
    cwd: repository,
  });
  const text = await Deno.readTextFile(report);
  await Deno.remove(report);
  return { ...countTests(text, code), tests: testCases(text) };
}

async function runStage(stage: Stage, results: readonly Result[]): Promise<Result> {
  const broken = results.find(({ name, failed }) => failed > 0 && stage.needs?.includes(name));
  const started = performance.now();
  say(`--- ${stage.name}`);
  const counts = broken === undefined ? await attempt(stage) : { passed: 0, failed: 1 };
  if (broken !== undefined) say(`not run: ${broken.name} failed`);
  const seconds = (performance.now() - started) / 1000;
  return { name: stage.name, budgetSeconds: stage.budgetSeconds, seconds, ...counts };
}

/** A stage that throws has failed; the others still run. */
async function attempt(stage: Stage): Promise<Outcome> {
  try {
    return await stage.run();
  } catch (error) {
    warn(error instanceof ScriptError ? `${stage.name}: ${error.message}` : Deno.inspect(error));
    return { passed: 0, failed: 1 };
  }
}

/** Once more at the end, where whoever reads only that finds it. */
function sayFailures(results: readonly Result[]): void {
  for (const { name: stage, tests = [] } of results) {
    for (const { name, file, failure } of tests) {
      if (failure !== null) say(`FAILED ${stage}: ${name} (${file})\n${failure}\n`);
    }
  }
}

/** What each stage took beside what it may take; a busy machine may be over, and it is said. */
function sayResults(results: readonly Result[]): void {
  say(row(["stage", "seconds", "budget", "passed", "failed"]));
  for (const { name, seconds, budgetSeconds, passed, failed } of results) {
    const over = seconds > budgetSeconds ? "  over its budget" : "";
    const columns = [name, seconds.toFixed(1), String(budgetSeconds), String(passed)];
    say(`${row([...columns, String(failed)])}${over}`);
  }
  const sum = (of: (result: Result) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const [passed, failed] = [sum((result) => result.passed), sum((result) => result.failed)];
  const seconds = sum((result) => result.seconds).toFixed(1);
  const budget = String(sum((result) => result.budgetSeconds));
  say(row(["all", seconds, budget, String(passed), String(failed)]));
  say("");
  say(`${passed} passed, ${failed} failed`);
}

function row([name = "", ...numbers]: readonly string[]): string {
  return `${name.padEnd(12)}${numbers.map((number) => number.padStart(9)).join("")}`;
}

async function main(): Promise<void> {
  if (Deno.uid() !== 0) fail("test: must run as root: the tests load programs into the kernel");
  await clearCoverage();
  const results: Result[] = [];
  for (const stage of stages) results.push(await runStage(stage, results));
  say("");
  sayFailures(results);
  sayResults(results);
  if (results.some(({ failed }) => failed > 0)) Deno.exit(1);
}

if (import.meta.main) await main();
