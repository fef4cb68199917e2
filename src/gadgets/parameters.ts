// Checks a gadget's parameters and turns them into values of its .rodata variables.
import { validationError } from "../errors.ts";
import { inSlices } from "../slices.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { type CgroupTarget, cgroupTarget, containerTarget } from "./cgroup_target.ts";
import { filterParameters, type GroupParameter, groupParameters } from "./common_filters.ts";
import type { GadgetParameter } from "./parameter.ts";
import type { Gadget } from "./skeleton.ts";

const encoder = new TextEncoder();

/** Values of `.rodata` variables. */
export type Globals = Record<string, number | boolean | string>;

/** A path of a control group, an id of 64 bits, a container's id. */
const mostGroupText = 4096;

/**
 * The `.rodata` values for these parameters, by variable; a control group is looked up. What is
 * not given, or null, keeps the value that is compiled in, which is the default.
 * @throws {EBPFError} validation/invalid_arguments, naming the accepted parameters or bounds; and
 *   what cgroupTarget and containerTarget throw
 */
export async function resolveGlobals(
  gadget: Gadget,
  params: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Globals> {
  const own = gadgetParameters(gadget);
  const groups: [GroupParameter, unknown][] = [];
  const globals: Globals = {};
  for (const [name, value] of Object.entries(params)) {
    const parameter = own.find((one) => one.name === name);
    if (parameter === undefined) throw unknownParameter(gadget, name);
    if (value === null || value === undefined) continue;
    if ("variable" in parameter) globals[parameter.variable] = checked(gadget, parameter, value);
    else groups.push([parameter, value]);
  }
  const [group, second] = groups;
  if (second !== undefined) throw twoGroups(gadget);
  if (group === undefined) return globals;
  const target = await findGroup(gadget, ...group, signal);
  // the kernel's number may be past what a double holds
  return { ...globals, target_cgroup: String(target.id), target_cgroup_level: target.level };
}

async function findGroup(
  gadget: Gadget,
  parameter: GroupParameter,
  value: unknown,
  signal: AbortSignal,
): Promise<CgroupTarget> {
  const isText = typeof value === "string" && value.length > 0 && value.length <= mostGroupText;
  if (parameter.type === "container") {
    if (isText) return await inSlices(containerTarget(value), signal);
    throw wrongValue(gadget, parameter, value, "a container's id or name, or a unit's name");
  }
  const isId = typeof value === "number" && Number.isSafeInteger(value) && value > 0;
  if (isText || isId) return await inSlices(cgroupTarget(value), signal);
  throw wrongValue(gadget, parameter, value, "a control group's path or id");
}

/** All that a gadget takes: the filters that every gadget may have, and its own. */
export function gadgetParameters(
  { manifest }: Gadget,
): readonly (GadgetParameter | GroupParameter)[] {
  const groups = manifest.filters.includes("cgroup") ? groupParameters : [];
  return [...filterParameters(manifest.filters), ...groups, ...manifest.parameters];
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
      const { max_bytes: most, choices } = parameter;
      const isGood = typeof value === "string" && !value.includes("\0") &&
        encoder.encode(value).length <= most && (choices?.includes(value) ?? true);
      if (isGood) return value;
      if (choices !== undefined) throw wrongValue(gadget, parameter, value, choices.join(" or "));
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

function twoGroups(gadget: Gadget): Error {
  const names = groupParameters.map(({ name }) => name);
  return validationError(
    "invalid_arguments",
    `Gadget "${gadget.name}" takes ${names.join(" or ")}, not both`,
    { gadget: gadget.name, accepted: names, hint: "each stands for one control group" },
  );
}

function wrongValue(
  gadget: Gadget,
  parameter: GadgetParameter | GroupParameter,
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
