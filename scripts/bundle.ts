// Makes one JavaScript file of main.ts and everything that it imports.
import { locked, mustRun } from "./command.ts";
import { buildFolder, repository } from "./paths.ts";

/** What scripts/bundle/left_out.js stands in for. */
const LEFT_OUT = ["ajv", "ajv-formats", "zod/v3", "zod-to-json-schema"];

/**
 * Bundles `entry` into `output`. Two steps: a package's own imports cannot be redirected, but
 * once they are external imports of one file, an import map can.
 */
export async function bundle(entry: URL, output: URL): Promise<void> {
  const folder = new URL("bundle/", buildFolder);
  await Deno.mkdir(folder, { recursive: true });
  const standIn = new URL("scripts/bundle/left_out.js", repository).href;
  const imports = Object.fromEntries(LEFT_OUT.map((name) => [name, standIn]));
  await Deno.writeTextFile(new URL("deno.json", folder), JSON.stringify({ imports }));
  const external = LEFT_OUT.flatMap((name) => ["--external", name]);
  const whole = new URL("main.js", folder).pathname;
  const deno = Deno.execPath();
  const first = locked("bundle", "-q", ...external, "-o", whole, entry.pathname);
  await mustRun(deno, first, { cwd: repository });
  const second = ["bundle", "-q", "--minify", "-o", output.pathname, whole];
  await mustRun(deno, second, { cwd: folder });
}
