// Makes JavaScript of main.ts and everything that it imports: one file, and one more for each
// import(), so that what is not asked for is not even parsed.
import * as esbuild from "esbuild";
import { locked, mustRun } from "./command.ts";
import { buildFolder, repository } from "./paths.ts";

/** What scripts/bundle/left_out.js stands in for. */
const LEFT_OUT = ["ajv", "ajv-formats", "zod/v3", "zod-to-json-schema"];

/** What scripts/bundle/late_zod.js stands in for. */
const LATE = ["zod", "zod/v4"];

/** Whose functions zod has too. */
const MINI_ZOD = "zod/v4-mini";

const ZOD_ENTRY = new URL("scripts/bundle/zod.ts", repository).pathname;

/** A compiled parser per schema pays after thousands of calls; each start pays 4 ms for it. */
const JITLESS_ZOD = "globalThis.__zod_globalConfig={jitless:true};";

/**
 * Bundles `entry` into `output`, and its late parts beside it. Two steps: Deno finds the packages,
 * esbuild leaves some out and minifies. `deno bundle --minify` may not: in 2.7.11 it inlines
 * `using` variables that are read once, and what they hold is never disposed of.
 */
export async function bundle(entry: URL, output: URL): Promise<void> {
  await Deno.mkdir(buildFolder, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: buildFolder.pathname, prefix: "bundle-" });
  try {
    const external = [...LEFT_OUT, ...LATE, MINI_ZOD].flatMap((name) => ["--external", name]);
    const whole = `${folder}/whole`;
    const zod = `${folder}/zod.js`;
    const parts = ["--code-splitting", "--outdir", whole];
    for (const args of [[...external, ...parts, entry.pathname], ["-o", zod, ZOD_ENTRY]]) {
      await mustRun(Deno.execPath(), locked("bundle", "-q", ...args), { cwd: repository });
    }
    await minify(`${whole}/${nameOf(entry)}.js`, zod, output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Of a file, without folder and extension. */
function nameOf({ pathname }: URL): string {
  return pathname.replace(/^.*\//, "").replace(/\.[a-z]+$/, "");
}

async function minify(whole: string, zod: string, output: URL): Promise<void> {
  const leftOut = new URL("scripts/bundle/left_out.js", repository).pathname;
  const late = new URL("scripts/bundle/late_zod.js", repository).pathname;
  try {
    await esbuild.build({
      entryPoints: [{ in: whole, out: nameOf(output) }],
      outdir: new URL(".", output).pathname,
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      platform: "neutral",
      target: "esnext",
      external: ["node:*"],
      alias: {
        ...Object.fromEntries(LEFT_OUT.map((name) => [name, leftOut])),
        ...Object.fromEntries(LATE.map((name) => [name, late])),
        [MINI_ZOD]: zod,
        "whole-zod": zod,
      },
      banner: { js: JITLESS_ZOD },
      logLevel: "error",
      logOverride: { "import-is-undefined": "error" },
    });
  } finally {
    await esbuild.stop();
  }
}
