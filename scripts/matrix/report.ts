// What the tests of one kernel came to, and the table of all kernels.
import { countTests, testCases } from "../test_report.ts";

export interface TestRun {
  /** The test file's name without its ending. */
  readonly file: string;
  readonly name: string;
  readonly seconds: number;
  /** Why it failed; null when it passed. */
  readonly failure: string | null;
}

export interface KernelResult {
  readonly kernel: string;
  readonly release: string;
  readonly seconds: number;
  readonly tests: readonly TestRun[];
  /** What is wrong beside failed tests. */
  readonly problems: readonly string[];
}

export interface FileReport {
  readonly file: string;
  readonly code: number;
  /** As `deno test --junit-path` writes it. */
  readonly xml: string;
}

const STEP = " > ";

/** Takes apart what a guest wrote on its second serial line. */
export function splitReport(text: string): FileReport[] {
  const pattern = /^=== (\S+) (\d+)\n([^]*?)^=== end$/gm;
  return [...text.replaceAll("\r", "").matchAll(pattern)].map(([, file = "", code, xml = ""]) => ({
    file,
    code: Number(code),
    xml,
  }));
}

/** The tests of one file, and a problem when the run as a whole was not sound. */
export function readTests({ file, code, xml }: FileReport): { tests: TestRun[]; problem?: string } {
  const tests = testCases(xml).map((test) => ({ ...test, file }));
  const { failed } = countTests(xml, code);
  const seen = tests.filter(({ failure }) => failure !== null).length;
  return failed > seen ? { tests, problem: `${file} ended with exit code ${code}` } : { tests };
}

/** Tests by kernels, with the seconds that each took; a test's steps below it. */
export function table(results: readonly KernelResult[]): string[] {
  const names = inOrder([...new Set(results.flatMap(({ tests }) => tests.map((one) => one.name)))]);
  const width = Math.max(...names.map((name) => shown(name).length), 14);
  const cells = (list: readonly string[]) => list.map((cell) => cell.padStart(9)).join("");
  return [
    "test".padEnd(width) + cells(results.map(({ kernel }) => kernel)),
    ...names.map((name) =>
      shown(name).padEnd(width) + cells(results.map((result) => cell(result, name)))
    ),
    "boot and tests".padEnd(width) + cells(results.map(({ seconds }) => `${seconds.toFixed(0)} s`)),
  ];
}

/** Deno reports steps behind all tests of the file, as `test > step`. */
function inOrder(names: readonly string[]): string[] {
  const tests = names.filter((name) => !name.includes(STEP));
  const steps = names.filter((name) => name.includes(STEP));
  const isStepOf = (test: string) => (step: string) => step.startsWith(`${test}${STEP}`);
  const orphans = steps.filter((step) => !tests.some((test) => isStepOf(test)(step)));
  return [...tests.flatMap((test) => [test, ...steps.filter(isStepOf(test))]), ...orphans];
}

function shown(name: string): string {
  const parts = name.split(STEP);
  return "  ".repeat(parts.length - 1) + (parts.at(-1) ?? "");
}

function cell({ tests }: KernelResult, name: string): string {
  const run = tests.find((test) => test.name === name);
  if (run === undefined) return "not run";
  return run.failure === null ? run.seconds.toFixed(1) : "FAILED";
}
