// Checks a gadget's parameters and turns them into values of its .rodata variables.
import { validationError } from "../errors.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { filterParameters } from "./common_filters.ts";
import type { GadgetParameter } from "./parameter.ts";
import type { Gadget } from "./skeleton.ts";

const encoder = new TextEncoder();

/**
 * The `.rodata` values for these parameters, by variable. What is not given, or null, keeps the
 * value that is compiled in, which is the default.
 * @throws {EBPFError} validation/invalid_arguments, naming the accepted parameters or bounds
 */
export function gadgetGlobals(
  gadget: Gadget,
  params: Readonly<Record<string, unknown>>,
): Record<string, number | boolean | string> {
  const parameters = gadgetParameters(gadget);
  const globals: Record<string, number | boolean | string> = {};
  for (const [name, value] of Object.entries(params)) {
    const parameter = parameters.find((one) => one.name === name);
    if (parameter === undefined) throw unknownParameter(gadget, name);
    if (value === null || value === undefined) continue;
    globals[parameter.variable] = checked(gadget, parameter, value);
  }
  return globals;
}

/** All that a gadget takes: the filters that every gadget may have, and its own. */
export function gadgetParameters({ manifest }: Gadget): readonly GadgetParameter[] {
  return [...filterParameters(manifest.filters), ...manifest.parameters];
}

function checked(
  gadget: Gadget,
  parameter: GadgetParameter,
  value: unknown,
): number | boolean | string {
  switch (parameter.type) {
    case "integer": {
      const { minimum, maximum } = parameter;
      const isGood = typeof value === "number" && Number.isInteger(value) &&
        value >= minimum && value <= maximum;
      if (isGood) return value;
      throw wrongValue(gadget, parameter, value, `an integer from ${minimum} to ${maximum}`);
    }
    case "boolean":
      if (typeof value === "boolean") return value;
      throw wrongValue(gadget, parameter, value, "true or false");
    case "text": {
      const most = parameter.max_bytes;
      const isGood = typeof value === "string" && !value.includes("\0") &&
        encoder.encode(value).length <= most;
      if (isGood) return value;
      throw wrongValue(gadget, parameter, value, `a text of at most ${most} bytes without NUL`);
    }
  }
}

function unknownParameter(gadget: Gadget, name: string): Error {
  const accepted = gadgetParameters(gadget).map((one) => one.name);
  return validationError(
    "invalid_arguments",
    `Gadget "${gadget.name}" has no parameter "${name}"${didYouMean(name, accepted)}`,
    { gadget: gadget.name, parameter: name, accepted },
  );
}

function wrongValue(
  gadget: Gadget,
  parameter: GadgetParameter,
  value: unknown,
  wanted: string,
): Error {
  const given = JSON.stringify(value)?.slice(0, 100) ?? typeof value;
  return validationError(
    "invalid_arguments",
    `Parameter "${parameter.name}" of gadget "${gadget.name}" is ${given}, want ${wanted}`,
    { gadget: gadget.name, parameter: parameter.name, hint: parameter.doc },
  );
}
