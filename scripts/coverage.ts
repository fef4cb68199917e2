// Line coverage of src/ by unit and kernel tests: a table by folder, and a floor that must hold.
import { idleRanges, type Lines, parseLcov, percent, share } from "./coverage/line_counts.ts";
import { locked, mustRun, run, show } from "./command.ts";
import { UNIT_PERMISSIONS } from "./ok.ts";
import { buildFolder, repository } from "./paths.ts";
import { say } from "./say.ts";
import { ScriptError } from "./script_error.ts";
import { listFiles } from "./tree.ts";

/** What `deno coverage` says of modules that hold types alone. */
const NOTHING_COUNTED = "No covered files included in the report";
/** In percent, of all lines of src/ that can run. */
export const COVERAGE_FLOOR = 90;
/** A file below this is listed with the lines that no test ran. */
const WEAK_FILE = 80;

/** Where V8's counts of the stages `unit` and `kernel` are put. */
export const coverageFolder = new URL("coverage/", buildFolder);

/** The options of `deno test` that write counts there. */
export const coverageOptions = [
  `--coverage=${coverageFolder.pathname}`,
  "--coverage-raw-data-only",
];

/** Forgets the counts of earlier runs. */
export async function clearCoverage(): Promise<void> {
  await Deno.remove(coverageFolder, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Prints the coverage by folder, and what is weak; true when it reaches the floor. */
export async function reportCoverage(): Promise<boolean> {
  const files = await withoutTests(await readCounts(coverageFolder));
  say(row("folder", "lines", "ran", "percent"));
  for (const [folder, members] of byFolder(files)) sayShare(folder, members.values());
  sayShare("all of src/", files.values());
  for (const [path, counts] of files) {
    const covered = percent(share([counts]));
    if (covered < WEAK_FILE) say(`${covered.toFixed(0)}% ${path}: not ${idleRanges(counts)}`);
  }
  const reached = percent(share(files.values()));
  const verdict = reached >= COVERAGE_FLOOR ? "holds" : "is missed";
  say(`line coverage of src/ ${reached.toFixed(1)}%: the floor of ${COVERAGE_FLOOR}% ${verdict}`);
  return reached >= COVERAGE_FLOOR;
}

/** Adds the files that no test loads, with every line of theirs as one that did not run. */
async function withoutTests(tested: Map<string, Lines>): Promise<Map<string, Lines>> {
  const sources = (await listFiles("src/")).filter((path) =>
    path.endsWith(".ts") && !path.endsWith(".gen.ts")
  );
  const missing = sources.filter((path) => !tested.has(path));
  if (missing.length > 0) {
    const folder = await Deno.makeTempDir();
    const urls = missing.map((path) => new URL(path, repository).href);
    const script = new URL("coverage/load_modules.ts", import.meta.url).pathname;
    const args = locked("run", "-A", "--no-check", `--coverage=${folder}`, script, ...urls);
    await mustRun(Deno.execPath(), args, { cwd: repository });
    const loaded = await readCounts(new URL(`file://${folder}/`));
    for (const path of missing) {
      const lines = loaded.get(path)?.keys() ?? []; // a file of types alone has none
      tested.set(path, new Map([...lines].map((line) => [line, 0])));
    }
    await Deno.remove(folder, { recursive: true });
  }
  return new Map([...tested].sort(([a], [b]) => a < b ? -1 : 1));
}

async function readCounts(folder: URL): Promise<Map<string, Lines>> {
  const include = `--include=^${repository.href}src/`;
  const args = ["coverage", "--quiet", "--lcov", include, "--exclude=\\.gen\\.ts$"];
  const { code, stdout, stderr } = await run(Deno.execPath(), [...args, folder.pathname], {
    cwd: repository,
  });
  if (code === 0) return parseLcov(stdout);
  if (stderr.includes(NOTHING_COUNTED)) return new Map();
  throw new ScriptError(`coverage: ${stderr}`);
}

function byFolder(files: ReadonlyMap<string, Lines>): Map<string, Lines[]> {
  const folders = new Map<string, Lines[]>();
  for (const [path, counts] of files) {
    const [, second = ""] = path.split("/");
    const folder = second.endsWith(".ts") ? "src" : `src/${second}`;
    folders.set(folder, [...folders.get(folder) ?? [], counts]);
  }
  return folders;
}

function sayShare(name: string, files: Iterable<Lines>): void {
  const counts = share(files);
  say(row(name, String(counts.lines), String(counts.ran), percent(counts).toFixed(1)));
}

function row(folder: string, lines: string, ran: string, share: string): string {
  return `${folder.padEnd(16)}${lines.padStart(8)}${ran.padStart(8)}${share.padStart(9)}`;
}

async function main(): Promise<void> {
  await clearCoverage();
  const codes: number[] = [];
  for (const [folder, permissions] of [["unit", UNIT_PERMISSIONS], ["kernel", ["-A"]]] as const) {
    const options = ["--quiet", "--no-check", ...permissions, ...coverageOptions];
    const args = locked("test", ...options, `tests/${folder}`);
    codes.push(await show(Deno.execPath(), args, { cwd: repository }));
  }
  const holds = await reportCoverage();
  if (!holds || codes.some((code) => code !== 0)) Deno.exit(1);
}

if (import.meta.main) await main();
