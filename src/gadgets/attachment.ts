// Where a gadget's programs are attached: as their sections say, or as its manifest does.
import { internalError, validationError } from "../errors.ts";
import type { AttachSpec } from "../kernel/attach/spec.ts";
import type { Gadget } from "./skeleton.ts";
import { uprobesOf } from "./uprobes.ts";

type Globals = Readonly<Record<string, unknown>>;

export interface ProgramAttachment {
  /** Its name. */
  readonly program: string;
  readonly spec: AttachSpec;
}

/**
 * Every attachment, in the order in which they are to be made.
 * @param globals the `.rodata` variables that a run sets; others keep what is compiled in
 * @throws validation/invalid_arguments without a parameter that says where; what uprobesOf throws
 */
export function attachmentsOf(gadget: Gadget, globals: Globals): ProgramAttachment[] {
  const { name, manifest: { attach, parameters }, programs } = gadget;
  const all = (spec: AttachSpec) => programs.map((one) => ({ program: one.name, spec }));
  switch (attach?.type) {
    case undefined:
      return all({ type: "auto" });
    case "perf_event": {
      const frequency = Number(valueOf(gadget, attach.frequency, globals));
      return all({ type: attach.type, event: attach.event, frequency });
    }
    case "tcx": {
      const given = valueOf(gadget, attach.direction, globals);
      const direction = given === "ingress" ? "ingress" : "egress";
      const wanted = valueOf(gadget, attach.interface, globals);
      return all({ type: attach.type, interface: wanted, direction });
    }
    case "uprobe":
      return uprobesOf({ name, attach, parameters, globals });
  }
}

/** What is given for a parameter, or its default. */
function valueOf({ name, manifest }: Gadget, wanted: string, globals: Globals): string {
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
