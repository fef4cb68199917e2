// Runs the generators in order, or those that are named.
import { show } from "./command.ts";
import { repository } from "./paths.ts";
import { fail } from "./say.ts";

/** In an order in which each finds what it builds on. */
const generators = ["skeletons", "schemas"];

/** Runs generators; ends the script where one fails. */
export async function generate(names: readonly string[] = generators): Promise<void> {
  for (const name of names) {
    const code = await show(Deno.execPath(), ["run", "-A", `scripts/gen_${name}.ts`], {
      cwd: repository,
    });
    if (code !== 0) fail(`gen: ${name} ended with exit code ${code}`);
  }
}

if (import.meta.main) {
  const unknown = Deno.args.find((name) => !generators.includes(name));
  if (unknown !== undefined) fail(`gen: no generator "${unknown}": ${generators.join(", ")}`);
  await generate(Deno.args.length > 0 ? Deno.args : generators);
}
