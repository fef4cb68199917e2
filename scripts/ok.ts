// What a machine can check without root and without a kernel, in seconds.
import { locked, run } from "./command.ts";
import { findStaleFiles } from "./generated.ts";
import { repository } from "./paths.ts";
import { missingPackages } from "./requirements.ts";
import { say } from "./say.ts";
import { exists } from "./tree.ts";

/** One thing that is checked: null when it is well, else what is wrong. */
interface Check {
  readonly name: string;
  /** Why it cannot be checked on this machine; null when it can. */
  unless?(): string | null;
  run(): Promise<string | null>;
}

/** Type-checked sources; folders that a checkout has. */
const SOURCES = ["main.ts", "bpf", "ffi", "src", "scripts", "tests"];

/** What unit tests may do: temporary files, no processes and no network. */
export const UNIT_PERMISSIONS = ["--allow-read", "--allow-write", "--allow-env"];

/** In the order of their cost, save that types come before tests. */
export const checks: readonly Check[] = [
  { name: "format", run: () => deno("fmt", "--check") },
  { name: "lint", run: () => deno("lint", "--quiet") },
  { name: "import circles", run: () => deno(...locked("run", "-A", "scripts/check_layers.ts")) },
  { name: "types", run: () => deno(...locked("check", "--quiet", ...SOURCES)) },
  {
    name: "ffi tables",
    unless: headersMissing,
    run: () => deno(...locked("run", "-A", "scripts/check_ffi.ts")),
  },
  { name: "generated files", run: checkGenerated },
  { name: "schemas", run: () => deno(...locked("run", "-A", "scripts/gen_schemas.ts", "--check")) },
];

const unitTests: Check = {
  name: "unit tests",
  run: () => deno(...locked("test", "--quiet", "--no-check", ...UNIT_PERMISSIONS, "tests/unit")),
};

/** Runs checks one after the other, says how each went, and answers how many failed. */
export async function runChecks(list: readonly Check[]): Promise<number> {
  let failed = 0;
  for (const check of list) {
    const reason = check.unless?.() ?? null;
    if (reason !== null) {
      say(`-      ${check.name}: ${reason}`);
      continue;
    }
    const started = performance.now();
    const problem = await check.run();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(`${problem === null ? "ok    " : "FAILED"} ${check.name} (${seconds} s)`);
    if (problem === null) continue;
    failed++;
    say(problem);
  }
  return failed;
}

async function deno(...args: string[]): Promise<string | null> {
  const { code, stdout, stderr } = await run(Deno.execPath(), args, { cwd: repository });
  return code === 0 ? null : `${stdout}${stderr}`.trimEnd();
}

/** Tables are compared with headers, which a machine without `deno task setup` may lack. */
function headersMissing(): string | null {
  const missing = missingPackages("build", exists)
    .filter((name) => ["clang", "binutils", "libbpf-dev"].includes(name));
  return missing.length === 0 ? null : `not checked without ${missing.join(", ")}`;
}

async function checkGenerated(): Promise<string | null> {
  const problems = await findStaleFiles();
  return problems.length === 0 ? null : problems.join("\n");
}

if (import.meta.main) {
  const failed = await runChecks([...checks, unitTests]);
  if (failed > 0) Deno.exit(1);
}
