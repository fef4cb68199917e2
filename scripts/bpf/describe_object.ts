// Reads from a gadget's object what its skeleton says, for the build.
import { EBPFError } from "../../src/errors.ts";
import { describeObject } from "../../src/gadgets/describe_object.ts";
import type { GadgetManifest } from "../../src/gadgets/manifest.ts";
import type { Gadget } from "../../src/gadgets/skeleton.ts";
import { ScriptError } from "../script_error.ts";

/** @throws {ScriptError} naming what the manifest promises and the object does not have */
export function describeBuilt(name: string, manifest: GadgetManifest, object: Uint8Array): Gadget {
  try {
    return describeObject(name, manifest, object);
  } catch (error) {
    if (error instanceof EBPFError) throw new ScriptError(error.message);
    throw error;
  }
}
