// Runs the generators in order, or those that are named.
import { locked, show } from "./command.ts";
import { repository } from "./paths.ts";
import { runScript, ScriptError } from "./script_error.ts";

/** In an order in which each finds what it builds on. */
const generators = ["demangler", "names", "skeletons", "sections", "schemas"];

/** @throws {ScriptError} at the first generator that fails. */
export async function generate(names: readonly string[] = generators): Promise<void> {
  for (const name of names) {
    const code = await show(Deno.execPath(), locked("run", "-A", `scripts/gen_${name}.ts`), {
      cwd: repository,
    });
    if (code !== 0) throw new ScriptError(`${name} ended with exit code ${code}`);
  }
}

if (import.meta.main) {
  await runScript("gen", async () => {
    const unknown = Deno.args.find((name) => !generators.includes(name));
    if (unknown !== undefined) {
      throw new ScriptError(`no generator "${unknown}": ${generators.join(", ")}`);
    }
    await generate(Deno.args.length > 0 ? Deno.args : generators);
  });
}
