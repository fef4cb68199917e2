// The tests of tests/matrix on five kernels: Debian's 5.10, 6.1, 6.12 and newest in qemu, beside
// the machine's own. `--kernel 6.1` picks one, `--only matrix-gadgets` a file of tests, `--gadget`
// the tests of one gadget, `--shell` gives a prompt inside it.
import { build } from "./build.ts";
import { run } from "./command.ts";
import { boot, openShell } from "./matrix/boot.ts";
import { bundleName, bundleTests } from "./matrix/bundle_tests.ts";
import { writeArchive, writeBaseArchive } from "./matrix/guest_root.ts";
import { provideKernel } from "./matrix/kernel_packages.ts";
import { type KernelResult, readTests, splitReport, table, type TestRun } from "./matrix/report.ts";
import { distFolder } from "./paths.ts";
import { say } from "./say.ts";
import { runScript, ScriptError } from "./script_error.ts";
import { setup } from "./setup.ts";
import type { Counts, TestCase } from "./test_report.ts";
import { exists } from "./tree.ts";
import { type GadgetTests, isGadgetName } from "../tests/matrix/gadgets.ts";
import { guests, OWN } from "../tests/matrix/kernels.ts";
import { buildObjects } from "../tests/matrix/objects.ts";
import { GADGETS, testCount, testFiles } from "../tests/matrix/test_counts.ts";

/** A guest takes about four minutes; on a machine of a third of the speed it took over nine. */
const PATIENCE_MS = 1_500_000;
const AT_A_TIME = 2;

interface Choice {
  readonly kernels: readonly string[];
  /** Of the tests. */
  readonly files: readonly string[];
  /** What runs of the gadgets' tests; by default all here, and in guests the first of each. */
  readonly gadgets?: GadgetTests;
  readonly shell: boolean;
}

/** What all kernels came to together. */
export interface MatrixOutcome extends Counts {
  readonly tests: readonly TestCase[];
}

/** Every kernel that this machine can run: the guests' are x86-64. */
export const everyKernel: readonly string[] = [
  ...(Deno.build.arch === "x86_64" ? guests.map(({ name }) => name) : []),
  OWN,
];

/** Every file of tests. */
export const everyFile: readonly string[] = testFiles;

/**
 * Runs the matrix and shows its table.
 * @throws {ScriptError} when a suite cannot be reached
 */
export async function runMatrix(choice: Choice): Promise<MatrixOutcome> {
  const { kernels, files, gadgets, shell } = choice;
  await setup("tests");
  if (!exists(new URL("ebpf-mcp", distFolder).pathname)) await build();
  const folder = await Deno.makeTempDir({ prefix: "ebpf-mcp-matrix-" });
  try {
    const archives = await prepare(folder, files, gadgets ?? "first");
    if (shell) {
      await openGuest(kernels[0] ?? "", archives, folder);
      return { passed: 0, failed: 0, tests: [] };
    }
    const results: KernelResult[] = [];
    if (kernels.includes(OWN)) results.push(await runHere(archives, folder, gadgets ?? "every"));
    const waiting = guests.filter(({ name }) => kernels.includes(name));
    const boots = Array.from({ length: AT_A_TIME }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        results.push(await runGuest(next, archives, folder));
      }
    });
    await Promise.all(boots);
    return conclude(results);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Prepared {
  readonly files: readonly string[];
  /** What guests run of the gadgets' tests. */
  readonly gadgets: GadgetTests;
  readonly objects: string;
  readonly bundles: ReadonlyMap<string, string>;
  readonly base: string;
}

/** Everything that needs a compiler or a package is made here, outside of the guests. */
async function prepare(
  folder: string,
  files: readonly string[],
  gadgets: GadgetTests,
): Promise<Prepared> {
  const objects = `${folder}/objects`;
  await Deno.mkdir(objects);
  await buildObjects(objects);
  const tests = `${folder}/tests`;
  await Deno.mkdir(tests);
  const bundles = await bundleTests(files, tests);
  const guest = `${folder}/guest`;
  await Deno.mkdir(guest);
  const environment = {
    EBPF_MCP_TEST_COMMAND: "/suite/dist/ebpf-mcp",
    EBPF_MCP_TEST_OBJECTS: "/suite/objects",
    MATRIX_GADGETS: gadgets,
  };
  const base = await writeBaseArchive({ bundles, objects, environment }, guest);
  return { files, gadgets, objects, bundles, base };
}

/** The same bundles, on the machine's own kernel. */
async function runHere(
  { files, objects, bundles }: Prepared,
  folder: string,
  gadgets: GadgetTests,
): Promise<KernelResult> {
  const started = performance.now();
  const report = `${folder}/own.xml`;
  const tests: TestRun[] = [];
  const problems: string[] = [];
  for (const [file, path] of bundles) {
    const options = ["-A", "--no-check", "--no-config", `--junit-path=${report}`];
    const { code, stdout, stderr } = await run(Deno.execPath(), ["test", ...options, path], {
      env: {
        EBPF_MCP_TEST_COMMAND: new URL("ebpf-mcp", distFolder).pathname,
        EBPF_MCP_TEST_OBJECTS: objects,
        MATRIX_KERNEL: OWN,
        MATRIX_GADGETS: gadgets,
      },
    });
    const read = readTests({ file, code, xml: await Deno.readTextFile(report) });
    tests.push(...read.tests);
    if (read.problem !== undefined) problems.push(read.problem);
    if (code !== 0) say(`${stdout}${stderr}`);
  }
  const seconds = (performance.now() - started) / 1000;
  const result = { kernel: OWN, release: Deno.osRelease(), seconds, tests, problems };
  return judged(result, files, gadgets);
}

async function runGuest(
  { name, suite }: (typeof guests)[number],
  { base, files, gadgets }: Prepared,
  folder: string,
): Promise<KernelResult> {
  const kernel = await provideKernel(name, suite);
  const archive = await writeArchive(base, kernel, folder);
  say(`matrix: ${name} is Linux ${kernel.release}`);
  const booted = await boot({ kernel, archive, folder, patienceMs: PATIENCE_MS });
  await Deno.remove(archive);
  const reports = splitReport(booted.report).map(readTests);
  const problems = reports.flatMap(({ problem }) => problem ?? []);
  if (booted.problem !== null) problems.unshift(booted.problem);
  const tests = reports.flatMap((one) => one.tests);
  const { release } = kernel;
  const { seconds, console } = booted;
  const result = judged({ kernel: name, release, seconds, tests, problems }, files, gadgets);
  const isRed = result.problems.length > 0 || tests.some(({ failure }) => failure !== null);
  if (isRed) say(console);
  return result;
}

/** Every kernel runs every test of these files: one that is missing is red. */
function judged(
  result: KernelResult,
  files: readonly string[],
  gadgets: GadgetTests,
): KernelResult {
  const problems = [...result.problems];
  for (const path of files) {
    const file = bundleName(path);
    const wanted = testCount(path, gadgets);
    const ran = result.tests.filter((test) => test.file === file).length;
    if (ran !== wanted) problems.push(`${file} ran ${ran} tests, wanted ${wanted}`);
  }
  return { ...result, problems };
}

function conclude(results: readonly KernelResult[]): MatrixOutcome {
  const place = ({ kernel }: KernelResult) => everyKernel.indexOf(kernel);
  const sorted = results.toSorted((a, b) => place(a) - place(b));
  for (const line of table(sorted)) say(line);
  for (const { kernel, problems } of sorted) {
    for (const problem of problems) say(`${kernel}: ${problem}`);
  }
  const tests = sorted.flatMap((result) => result.tests);
  const passed = tests.filter(({ failure }) => failure === null).length;
  const problems = sorted.reduce((sum, result) => sum + result.problems.length, 0);
  const named = sorted.flatMap(({ kernel, tests }) =>
    tests.map((test) => ({ ...test, file: `${kernel}, ${test.file}` }))
  );
  return { passed, failed: tests.length - passed + problems, tests: named };
}

async function openGuest(name: string, { base }: Prepared, folder: string): Promise<void> {
  const guest = guests.find((one) => one.name === name);
  if (guest === undefined) throw new ScriptError("--shell wants --kernel with one of the guests");
  const kernel = await provideKernel(guest.name, guest.suite);
  await openShell(kernel, await writeArchive(base, kernel, folder));
}

function parseArguments(args: readonly string[]): Choice {
  const rest = args.filter((argument) => argument !== "--shell");
  let [kernels, files] = [everyKernel, everyFile];
  let gadgets: GadgetTests | undefined;
  for (let at = 0; at < rest.length; at += 2) {
    const [flag, name = ""] = rest.slice(at);
    const found = everyFile.filter((file) => bundleName(file) === name);
    if (flag === "--kernel" && everyKernel.includes(name)) kernels = [name];
    else if (flag === "--only" && found.length > 0) files = found;
    else if (flag === "--gadget" && isGadgetName(name)) [files, gadgets] = [[GADGETS], name];
    else throw new ScriptError(usage());
  }
  const shell = args.length > rest.length;
  if (gadgets === undefined && files.length === 1) gadgets = "every";
  return { kernels, files, shell, ...(gadgets === undefined ? {} : { gadgets }) };
}

function usage(): string {
  const files = everyFile.map(bundleName).join("|");
  return `takes --kernel ${everyKernel.join("|")}, --only ${files}, --gadget NAME and --shell`;
}

if (import.meta.main) {
  await runScript("matrix", async () => {
    const { passed, failed } = await runMatrix(parseArguments(Deno.args));
    say(`${passed} passed, ${failed} failed`);
    if (failed > 0) Deno.exit(1);
  });
}
