// A session as `main.ts` wires it, inside the test's own process.
import { Catalogue } from "../../src/gadgets/catalogue.ts";
import { KernelBtf } from "../../src/kernel/kernel_btf.ts";
import { Loader } from "../../src/kernel/loader.ts";
import { KernelNames } from "../../src/kernel/names.ts";
import { Poller } from "../../src/kernel/poller.ts";
import { RunStatistics } from "../../src/kernel/run_statistics.ts";
import { Session, type SessionServices } from "../../src/session/session.ts";
import { embeddedFolder } from "../../scripts/paths.ts";
import { buildObject, type ObjectName } from "./objects.ts";
import { openSymbolizer } from "./symbols.ts";
import "./loaded.ts"; // opens the libraries before the first test

/** A signal that nobody aborts. */
export const never = new AbortController().signal;

/** A session of its own; its caller disposes it. Reads objects from where tests build them. */
export function openSession(services: Partial<SessionServices> = {}): Session {
  const kernelBtf = new KernelBtf();
  return new Session({
    loader: new Loader(),
    poller: new Poller(),
    kernelBtf,
    kernelNames: new KernelNames(kernelBtf),
    runStatistics: new RunStatistics(),
    symbolizer: openSymbolizer(),
    gadgets: new Catalogue(new URL("gadgets/", embeddedFolder)),
    objectRoots: ["/"],
    ...services,
  });
}

/** A load request for a test object. */
export async function request(name: ObjectName, rest: Record<string, unknown> = {}) {
  const path = await buildObject(name);
  return { source: { type: "file" as const, path }, name, signal: never, ...rest };
}
