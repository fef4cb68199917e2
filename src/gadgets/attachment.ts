// Where a gadget's programs are attached: as their sections say, or as its manifest does.
import { internalError } from "../errors.ts";
import type { AttachSpec } from "../kernel/attach/spec.ts";
import type { GadgetManifest } from "./manifest.ts";

/** @param globals the `.rodata` variables that a run sets; others keep what is compiled in */
export function attachmentOf(
  { name, manifest }: { readonly name: string; readonly manifest: GadgetManifest },
  globals: Readonly<Record<string, unknown>>,
): AttachSpec {
  const { attach, parameters } = manifest;
  if (attach === undefined) return { type: "auto" };
  const parameter = parameters.find((one) => one.name === attach.frequency);
  if (parameter?.type !== "integer") {
    throw internalError(`Gadget "${name}" has no integer parameter "${attach.frequency}"`);
  }
  const frequency = Number(globals[parameter.variable] ?? parameter.default);
  return { type: attach.type, event: attach.event, frequency };
}
