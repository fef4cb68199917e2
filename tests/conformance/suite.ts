// Runs the official conformance suite, unchanged, against a server that listens on 127.0.0.1.
import assert from "node:assert/strict";
import * as z from "zod";
import { environment, locked, run } from "../../scripts/command.ts";
import { repository } from "../../scripts/paths.ts";

const suite = "npm:@modelcontextprotocol/conformance@0.1.16";

const checks = z.array(z.object({
  id: z.string(),
  status: z.enum(["SUCCESS", "FAILURE", "WARNING", "SKIPPED", "INFO"]),
  errorMessage: z.string().optional(),
}));

export type Check = z.infer<typeof checks>[number];

export interface SuiteRun {
  readonly code: number;
  /** What the suite wrote, for whoever has to find out why it failed. */
  readonly output: string;
  /** Checks by scenario, in the order in which the scenarios ran. */
  readonly scenarios: ReadonlyMap<string, readonly Check[]>;
}

/** Runs the active server scenarios. */
export async function runSuite(url: string): Promise<SuiteRun> {
  const folder = await Deno.makeTempDir({ prefix: "conformance-" });
  try {
    const args = locked("run", "-A", suite, "server", "--url", url, "-o", folder);
    const { code, stdout, stderr } = await run(Deno.execPath(), args, {
      cwd: repository,
      env: environment(),
    });
    return { code, output: `${stdout}\n${stderr}`, scenarios: await readScenarios(folder) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Each scenario leaves `server-NAME-TIME/checks.json`. */
async function readScenarios(folder: string): Promise<Map<string, Check[]>> {
  const found = new Map<string, Check[]>();
  for await (const { name } of Deno.readDir(folder)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1];
    assert.ok(scenario !== undefined, `"${name}" is a scenario's folder`);
    const text = await Deno.readTextFile(`${folder}/${name}/checks.json`);
    found.set(scenario, checks.parse(JSON.parse(text)));
  }
  return found;
}
