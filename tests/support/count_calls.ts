// The gadget count_calls of the testdata, as an operator would give it: a table of system calls.
import { Catalogue } from "../../src/gadgets/catalogue.ts";
import { describeObject } from "../../src/gadgets/describe_object.ts";
import { gadgetManifestSchema } from "../../src/gadgets/manifest.ts";
import { type GadgetOptions, type GadgetRun, startGadget } from "../../src/gadgets/runner.ts";
import { buildObject } from "./objects.ts";
import { never, openSession } from "./session.ts";

export const countCallsPath = await buildObject("count_calls");
export const countCallsManifest = new URL(
  "../testdata/gadgets/count_calls/manifest.json",
  import.meta.url,
);
export const manifest = gadgetManifestSchema().parse(
  JSON.parse(await Deno.readTextFile(countCallsManifest)),
);
export const gadget = describeObject(
  "count_calls",
  manifest,
  await Deno.readFile(countCallsPath),
);

/** The number of getppid. */
export const getppid = Deno.build.arch === "x86_64" ? 110 : 173;

export function openWithCountCalls() {
  const folder = new URL(".", `file://${countCallsPath}`);
  return openSession({ gadgets: new Catalogue(folder, [gadget]) });
}

export type Start = (
  params: Record<string, unknown>,
  options?: Partial<GadgetOptions>,
) => Promise<GadgetRun>;

/** Runs the gadget in a session of its own, which ends with `fn`. */
export async function countCalls(fn: (start: Start) => Promise<void>): Promise<void> {
  await using session = openWithCountCalls();
  await fn((params, options = {}) => {
    return startGadget(session, gadget, params, { format: "json", ...options }, never);
  });
}
