// Installs what is missing and mounts bpffs and tracefs. Changes nothing that is there, and says
// each thing that it does.
import { mustRun } from "./command.ts";
import {
  isDebian,
  missingMounts,
  missingPackages,
  type Mount,
  type Purpose,
} from "./requirements.ts";
import { say } from "./say.ts";
import { runScript, ScriptError } from "./script_error.ts";
import { exists } from "./tree.ts";

const APT = ["-q", "-y", "-o", "DPkg::Lock::Timeout=120"];
const APT_ENV = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };

/**
 * Brings the system to where `purpose` needs it.
 * @throws {ScriptError} before any change, where it may not or cannot.
 */
export async function setup(purpose: Purpose): Promise<void> {
  const packages = missingPackages(purpose, exists);
  const mounts = missingMounts(await readText("/proc/self/mounts"));
  if (packages.length === 0 && mounts.length === 0) return;
  const missing = [
    ...packages.map((name) => `package ${name}`),
    ...mounts.map(({ type, path }) => `${type} file system at ${path}`),
  ].join(", ");
  if (Deno.uid() !== 0) {
    throw new ScriptError(`must run as root to provide what is missing: ${missing}`);
  }
  if (packages.length > 0 && !isDebian(await readText("/etc/os-release"))) {
    throw new ScriptError(`installs on Debian and Ubuntu only; please provide: ${missing}`);
  }
  if (packages.length > 0) await install(packages);
  for (const mount of mounts) await provide(mount);
}

async function install(packages: readonly string[]): Promise<void> {
  say("setup: apt-get update");
  await mustRun("apt-get", [...APT, "update"], { env: APT_ENV });
  say(`setup: apt-get install ${packages.join(" ")}`);
  await mustRun("apt-get", [...APT, "install", "--no-install-recommends", ...packages], {
    env: APT_ENV,
  });
}

async function provide({ type, path }: Mount): Promise<void> {
  say(`setup: mount ${type} at ${path}`);
  await mustRun("mount", ["-t", type, type, path]);
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

if (import.meta.main) {
  await runScript("setup", async () => {
    const unknown = Deno.args.find((argument) => argument !== "--tests");
    if (unknown !== undefined) {
      throw new ScriptError(`unknown argument "${unknown}"; only --tests is known`);
    }
    const purpose: Purpose = Deno.args.includes("--tests") ? "tests" : "build";
    await setup(purpose);
    say(`setup: everything for ${purpose} is there`);
  });
}
