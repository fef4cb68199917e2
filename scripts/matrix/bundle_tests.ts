// Makes one JavaScript file of each test file: a guest has no sources, no packages and no network.
import * as esbuild from "esbuild";
import { locked, mustRun } from "../command.ts";
import { repository } from "../paths.ts";

/** Packages of CommonJS in the MCP client ask for built-in modules by `require`. */
const banner = 'import { createRequire } from "node:module";' +
  "const require = createRequire(import.meta.url);";

/** `matrix-hooks` for tests/matrix/hooks_test.ts. */
export function bundleName(file: string): string {
  return file.replace(/^tests\//, "").replace(/_test\.ts$/, "").replaceAll("/", "-");
}

/** Bundles test files of the repository into `folder`; bundles by the files' names. */
export async function bundleTests(
  files: readonly string[],
  folder: string,
): Promise<Map<string, string>> {
  const bundles = new Map<string, string>();
  try {
    for (const file of files) {
      const name = bundleName(file);
      const output = `${folder}/${name}.js`;
      await bundleOne(file, `${folder}/${name}.whole.js`, output);
      bundles.set(name, output);
    }
  } finally {
    await esbuild.stop();
  }
  return bundles;
}

/** In two steps, as scripts/bundle.ts: Deno finds the packages, esbuild sorts out `require`. */
async function bundleOne(file: string, whole: string, output: string): Promise<void> {
  const external = ["--external", "esbuild"];
  await mustRun(Deno.execPath(), locked("bundle", "-q", ...external, "-o", whole, file), {
    cwd: repository,
  });
  await esbuild.build({
    entryPoints: [whole],
    outfile: output,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "esnext",
    external: ["node:*", "esbuild"],
    banner: { js: banner },
    logLevel: "error",
  });
}
