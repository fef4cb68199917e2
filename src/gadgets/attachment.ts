// Where a gadget's programs are attached: as their sections say, or as its manifest does.
import { internalError, validationError } from "../errors.ts";
import type { AttachSpec } from "../kernel/attach/spec.ts";
import type { GadgetManifest } from "./manifest.ts";

type Named = { readonly name: string; readonly manifest: GadgetManifest };
type Globals = Readonly<Record<string, unknown>>;

/**
 * @param globals the `.rodata` variables that a run sets; others keep what is compiled in
 * @throws validation/invalid_arguments without a parameter that says where
 */
export function attachmentOf(gadget: Named, globals: Globals): AttachSpec {
  const { attach } = gadget.manifest;
  switch (attach?.type) {
    case undefined:
      return { type: "auto" };
    case "perf_event": {
      const frequency = Number(valueOf(gadget, attach.frequency, globals));
      return { type: attach.type, event: attach.event, frequency };
    }
    case "tcx": {
      const direction = valueOf(gadget, attach.direction, globals) === "ingress"
        ? "ingress"
        : "egress";
      return {
        type: attach.type,
        interface: valueOf(gadget, attach.interface, globals),
        direction,
      };
    }
  }
}

/** What is given for a parameter, or its default. */
function valueOf({ name, manifest }: Named, wanted: string, globals: Globals): string {
  const parameter = manifest.parameters.find((one) => one.name === wanted);
  if (parameter === undefined) throw internalError(`Gadget "${name}" has no parameter "${wanted}"`);
  const value = globals[parameter.variable] ?? parameter.default;
  if (value !== null && value !== "") return String(value);
  throw validationError("invalid_arguments", `Gadget "${name}" needs the parameter "${wanted}"`, {
    gadget: name,
    parameter: wanted,
    hint: parameter.doc,
  });
}
