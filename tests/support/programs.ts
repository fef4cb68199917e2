// Compiles the programs that tests drive. Each is made once per source and compiler.
import { mustRun } from "../../scripts/command.ts";
import { cacheKey, makeOnce, readyFolder } from "./objects.ts";

const sources = new URL("../testdata/programs/", import.meta.url);

/** Static: a guest of the matrix has few libraries. */
const flags = ["-O1", "-g", "-Wall", "-Werror", "-pthread", "-static"];

/** Has a frame of its own, or brings one. */
const whole = /^int main\(|^#include "workload\.h"/m;

/** Made of several sources, by `buildTrigger`. */
const leftOut = "trigger";

/** Every program of one source in tests/testdata/programs. */
export async function programNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(sources)) {
    if (!name.endsWith(".c") || name === `${leftOut}.c`) continue;
    if (whole.test(await Deno.readTextFile(new URL(name, sources)))) names.push(name.slice(0, -2));
  }
  return names.sort();
}

/** The path of tests/testdata/programs/NAME.c, compiled unless that was done before. */
export async function buildProgram(name: string): Promise<string> {
  const ready = readyFolder();
  if (ready !== undefined) return `${ready}/${name}`;
  const source = new URL(`${name}.c`, sources);
  const key = await cacheKey([source, ...await headers()], flags);
  return await makeOnce(`${key}/${name}`, async (output) => {
    await mustRun("gcc", [...flags, source.pathname, "-o", output.pathname]);
  });
}

async function headers(): Promise<URL[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(sources)) if (name.endsWith(".h")) names.push(name);
  return names.sort().map((name) => new URL(name, sources));
}
