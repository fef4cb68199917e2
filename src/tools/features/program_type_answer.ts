// The two lists of list_bpf_program_types: types, and what programs of one type may call.
import { validationError } from "../../errors.ts";
import type { CallFeature } from "../../kernel/features/call_probes.ts";
import type { KernelFeatures } from "../../kernel/features/features.ts";
import { didYouMean } from "../../view/did_you_mean.ts";
import { visibleLine } from "../../view/text.ts";
import type { Missing } from "../missing.ts";
import { type CallKind, callName, type CallRow, callRowOf } from "./call_row.ts";
import { type FeatureFilter, FeatureList } from "./feature_list.ts";
import { type ProgramTypeRow, programTypeRowOf } from "./program_type_row.ts";
import { missingBtf, notPermitted } from "./refusal_text.ts";

const lostWithoutBtf = "context types, kernel functions, and whether tracing, lsm and struct_ops " +
  "programs load";

export interface ProgramTypesAsked extends FeatureFilter {
  readonly helpers_for?: string | undefined;
  readonly kfuncs_for?: string | undefined;
}

/** The list's frame, whatever it holds. */
interface Listed {
  readonly total: number;
  readonly truncated: boolean;
  readonly next_cursor: string | null;
  readonly nearest?: string[];
  readonly missing: Missing[];
}

export function listProgramTypes(
  features: KernelFeatures,
  asked: FeatureFilter,
): Listed & { program_types: ProgramTypeRow[] } {
  const types = features.programTypes();
  const missing = notPermitted("program types", types, (name) => {
    return features.programTypeTraits(name).capabilities;
  });
  if (!features.hasBtf()) missing.push(missingBtf(lostWithoutBtf));
  const attachTypes = features.attachTypes();
  const { items, ...rest } = new FeatureList("list_bpf_program_types", types, asked, missing, {
    nameOf: ({ name }) => name,
    rowOf: (type) => programTypeRowOf(type, features, attachTypes),
  }).page();
  return { program_types: items, ...rest, missing };
}

export function listCalls(
  features: KernelFeatures,
  asked: ProgramTypesAsked,
): Listed & { helpers?: CallRow[]; kfuncs?: CallRow[] } {
  const { helpers_for, kfuncs_for } = asked;
  if (helpers_for !== undefined && kfuncs_for !== undefined) throw twoQuestions();
  const kind: CallKind = helpers_for === undefined ? "kfunc" : "helper";
  const type = helpers_for ?? kfuncs_for ?? "";
  requireType(features, type, kind);
  const { calls, why } = kind === "helper" ? features.helpersFor(type) : features.kfuncsFor(type);
  const missing = calls === null
    ? [untried(features, type, kind, why ?? "")]
    : notPermitted(`${kind}s for ${type}`, calls, () => capabilitiesFor(features, type));
  const list = `list_bpf_program_types ${kind}s for ${type}`;
  const listed = (calls ?? []).filter(({ accepted }) => {
    return asked.accepted !== undefined || accepted !== false;
  });
  const { items, ...rest } = new FeatureList(list, listed, asked, missing, {
    nameOf: (call: CallFeature) => callName(call, kind),
    rowOf: (call) => callRowOf(call, kind),
  }).page();
  return { ...(kind === "helper" ? { helpers: items } : { kfuncs: items }), ...rest, missing };
}

function twoQuestions(): Error {
  const message = "Cannot list helpers and kfuncs at once: give helpers_for or kfuncs_for";
  return validationError("invalid_arguments", message, {
    arguments: ["helpers_for", "kfuncs_for"],
  });
}

function requireType(features: KernelFeatures, type: string, kind: CallKind): void {
  if (features.programType(type) !== null) return;
  const names = features.programTypes().map(({ name }) => name);
  throw validationError(
    "invalid_arguments",
    `Cannot list ${kind}s for "${visibleLine(type)}": no such program type${
      didYouMean(type, names)
    }`,
    { arguments: [`${kind}s_for`], accepted: names },
  );
}

function untried(features: KernelFeatures, type: string, kind: CallKind, why: string): Missing {
  const what = `${kind}s that ${type} programs may call`;
  const { accepted } = features.programTypes().find(({ name }) => name === type) ??
    { accepted: null };
  const remedy = accepted === false
    ? "use a kernel that takes this program type"
    : accepted === null
    ? `run as root, or with ${capabilitiesFor(features, type).join(", ")}`
    : features.helpersFor(type).calls === null
    ? "ask for the type of the program that it is to work with"
    : "use a kernel whose BTF marks its kernel functions";
  return { what, why, remedy };
}

function capabilitiesFor(features: KernelFeatures, type: string): readonly string[] {
  return features.programTypeTraits(type).capabilities;
}
