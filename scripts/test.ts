// Everything, on the running kernel. The last line is "N passed, N failed", alone.
import { build } from "./build.ts";
import { locked, show } from "./command.ts";
import { compareCorpus } from "./corpus.ts";
import { generate } from "./gen.ts";
import { checks, runChecks, UNIT_PERMISSIONS } from "./ok.ts";
import { distFolder, repository } from "./paths.ts";
import { fail, say, warn } from "./say.ts";
import { ScriptError } from "./script_error.ts";
import { setup } from "./setup.ts";
import { type Counts, countTests } from "./test_report.ts";
import { listFiles } from "./tree.ts";

interface Stage {
  readonly name: string;
  /** Stages without which this one says nothing. */
  readonly needs?: readonly string[];
  run(): Promise<Counts>;
}

interface Result extends Counts {
  readonly name: string;
  readonly seconds: number;
}

const builtProgram = [new URL("ebpf-mcp", distFolder).pathname];

const stages: readonly Stage[] = [
  { name: "setup", run: () => step(() => setup("tests")) },
  { name: "generate", needs: ["setup"], run: () => step(compareGenerated) },
  { name: "build", needs: ["setup"], run: () => step(build) },
  { name: "ok", run: async () => ({ passed: 0, failed: await runChecks(checks) }) },
  { name: "unit", run: () => denoTest("unit", UNIT_PERMISSIONS) },
  { name: "kernel", needs: ["build"], run: () => denoTest("kernel", ["-A"]) },
  { name: "e2e", needs: ["build"], run: () => denoTest("e2e", ["-A"]) },
  { name: "conformance", needs: ["build"], run: () => denoTest("conformance", ["-A"]) },
  { name: "fuzz", needs: ["build"], run: () => denoTest("fuzz", ["-A"]) },
  { name: "corpus", needs: ["build"], run: () => compareCorpus(builtProgram, "table") },
];

/** A stage that is no test: it counts only when it fails. */
async function step(work: () => Promise<void>): Promise<Counts> {
  await work();
  return { passed: 0, failed: 0 };
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
async function denoTest(folder: string, permissions: readonly string[]): Promise<Counts> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const options = ["--no-check", ...permissions, `--junit-path=${report}`];
  const code = await show(Deno.execPath(), locked("test", ...options, `tests/${folder}`), {
    cwd: repository,
  });
  const counts = countTests(await Deno.readTextFile(report), code);
  await Deno.remove(report);
  return counts;
}

async function runStage(stage: Stage, results: readonly Result[]): Promise<Result> {
  const broken = results.find(({ name, failed }) => failed > 0 && stage.needs?.includes(name));
  const started = performance.now();
  say(`--- ${stage.name}`);
  const counts = broken === undefined ? await attempt(stage) : { passed: 0, failed: 1 };
  if (broken !== undefined) say(`not run: ${broken.name} failed`);
  return { name: stage.name, seconds: (performance.now() - started) / 1000, ...counts };
}

/** A stage that throws has failed; the others still run. */
async function attempt(stage: Stage): Promise<Counts> {
  try {
    return await stage.run();
  } catch (error) {
    warn(error instanceof ScriptError ? `${stage.name}: ${error.message}` : Deno.inspect(error));
    return { passed: 0, failed: 1 };
  }
}

function row(columns: readonly [string, string, string, string]): string {
  const [name, seconds, passed, failed] = columns;
  return `${name.padEnd(12)}${seconds.padStart(9)}${passed.padStart(9)}${failed.padStart(9)}`;
}

async function main(): Promise<void> {
  if (Deno.uid() !== 0) fail("test: must run as root: the tests load programs into the kernel");
  const results: Result[] = [];
  for (const stage of stages) results.push(await runStage(stage, results));
  say("");
  say(row(["stage", "seconds", "passed", "failed"]));
  for (const { name, seconds, passed, failed } of results) {
    say(row([name, seconds.toFixed(1), String(passed), String(failed)]));
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  say("");
  say(`${passed} passed, ${failed} failed`);
  if (failed > 0) Deno.exit(1);
}

if (import.meta.main) await main();
