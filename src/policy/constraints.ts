// What a caller allows a program to be: so many instructions, only these helpers and kfuncs.
// Checked on the image that goes to the kernel, main program and appended subprograms alike, so
// that no call can hide in a subprogram, in a callback, or behind a relocation.
import { EBPFError, validationError } from "../errors.ts";
import { type Call, callOf } from "../insn/call.ts";
import { instructionCount, instructions } from "../insn/instruction.ts";
import { nearest } from "../view/nearest.ts";

/** One program as submitted to the kernel, after relocation. */
export interface ProgramImage {
  name: string;
  /** `struct bpf_insn`s: the main program, then every subprogram that it reaches. */
  instructions: Uint8Array;
}

export interface Constraints {
  /** Most instructions of one program, both halves of each ld_imm64 counted, as the kernel does. */
  max_instructions?: number;
  /** Names of helpers (`bpf_` may be left out) and kfuncs; an empty list allows none. */
  allowed_helpers?: readonly string[];
}

/** What this kernel calls its functions. */
export interface KernelFunctions {
  /** By helper id. */
  helpers: ReadonlyMap<number, string>;
  /** By `kfuncKey`: for the kernel's own kfuncs, their BTF id. */
  kfuncs: ReadonlyMap<number, string>;
}

export type Violation =
  | { program: string; kind: "max_instructions"; current: number; wanted: number }
  /** `at` is the first call, `calls` how many there are; `name` is `unknown#ID` without a name. */
  | { program: string; kind: "helper" | "kfunc"; name: string; at: number; calls: number };

/** Short names of helpers, whole names of kfuncs. */
type Accepted = Readonly<Record<"helper" | "kfunc", ReadonlySet<string>>>;
type CallViolation = Extract<Violation, { calls: number }>;

interface Callee {
  kind: "helper" | "kfunc";
  id: number;
  /** Undefined when the kernel has none by that id. */
  name: string | undefined;
}

/** More functions than this in one program are not told apart: it is refused anyway. */
const MAX_FUNCTIONS = 1000;
const SHOWN = 10;

/** The key of a kfunc in `KernelFunctions.kfuncs`; `module` is its place in fd_array, 0 none. */
export function kfuncKey(btfId: number, module: number): number {
  return module * 2 ** 32 + btfId;
}

/**
 * Every way in which `images` break `constraints`. Calls that libbpf marked as unresolved are no
 * violations: the verifier refuses them wherever they can be reached. A function without a name in
 * `names` is one always.
 * @throws {EBPFError} validation/invalid_arguments when an allowed name is none of this kernel's
 */
export function checkConstraints(
  images: readonly ProgramImage[],
  constraints: Constraints,
  names: KernelFunctions,
): Violation[] {
  const { max_instructions: most, allowed_helpers: allowed } = constraints;
  const violations: Violation[] = [];
  if (most !== undefined) {
    for (const { name: program, instructions: image } of images) {
      const current = instructionCount(image);
      if (current <= most) continue;
      violations.push({ program, kind: "max_instructions", current, wanted: most });
    }
  }
  if (allowed !== undefined) {
    checkNames(allowed, names);
    const accepted = { helper: new Set(allowed.map(shortName)), kfunc: new Set(allowed) };
    for (const image of images) violations.push(...forbiddenCalls(image, accepted, names));
  }
  return violations;
}

/** A helper's name without the prefix that callers may leave out; kfuncs have none to leave out. */
function shortName(name: string): string {
  return name.replace(/^bpf_/, "");
}

function checkNames(allowed: readonly string[], { helpers, kfuncs }: KernelFunctions): void {
  const shortNames = new Set([...helpers.values()].map(shortName));
  const kfuncNames = new Set(kfuncs.values());
  const unknown = allowed.filter((name) =>
    !shortNames.has(shortName(name)) && !kfuncNames.has(name)
  );
  if (unknown.length === 0) return;
  const [first] = unknown;
  const known = [...helpers.values(), ...kfuncNames];
  const near = nearest(first, known, 5);
  if (near.length === 0) near.push(...nearest(`bpf_${first}`, known, 5));
  const message = `Cannot apply allowed_helpers: "${first}" is neither a helper nor a kernel ` +
    `function of this kernel, wanted names like bpf_map_lookup_elem`;
  throw validationError("invalid_arguments", message, {
    unknown: unknown.slice(0, SHOWN),
    total: unknown.length,
    nearest: near,
    hint: near.length > 0 ? `Did you mean ${near.join(", ")}?` : "Leave it out of allowed_helpers",
  });
}

function forbiddenCalls(
  { name: program, instructions: image }: ProgramImage,
  accepted: Accepted,
  names: KernelFunctions,
): CallViolation[] {
  const found = new Map<string, CallViolation>();
  for (const instruction of instructions(image)) {
    const call = callOf(instruction);
    const callee = call === null ? null : calleeOf(call, names);
    if (callee === null) continue;
    const { kind, id } = callee;
    if (isAccepted(callee, accepted)) continue;
    const name = callee.name ?? `unknown#${id}`;
    const known = found.get(`${kind} ${name}`);
    if (known !== undefined) known.calls++;
    else if (found.size === MAX_FUNCTIONS) break;
    else found.set(`${kind} ${name}`, { program, kind, name, at: instruction.index, calls: 1 });
  }
  return [...found.values()];
}

function isAccepted({ kind, name }: Callee, accepted: Accepted): boolean {
  if (name === undefined) return false;
  return accepted[kind].has(kind === "helper" ? shortName(name) : name);
}

/** The kernel's function that a call reaches; null where it reaches none. */
function calleeOf(call: Call, { helpers, kfuncs }: KernelFunctions): Callee | null {
  switch (call.kind) {
    case "helper":
      return { kind: "helper", id: call.id, name: helpers.get(call.id) };
    case "kfunc":
      return { kind: "kfunc", id: call.id, name: kfuncs.get(kfuncKey(call.id, call.module)) };
    case "unknown":
      return { kind: "helper", id: call.id, name: undefined };
    case "subprogram":
    case "poison":
      return null;
  }
}

/** The error for one violation or more: the first ten, and how many there are. */
export function violationError(violations: readonly Violation[]): EBPFError {
  const [first] = violations;
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : "";
  return validationError("constraint_violated", `Cannot load ${sentence(first)}${more}`, {
    violations: violations.slice(0, SHOWN),
    total: violations.length,
    truncated: violations.length > SHOWN,
    hint: "Change the program, or allow it in constraints",
  });
}

function sentence(violation: Violation): string {
  const { program } = violation;
  if (violation.kind === "max_instructions") {
    return `"${program}": it has ${violation.current} instructions, ` +
      `wanted at most ${violation.wanted}`;
  }
  const { name, kind, at, calls } = violation;
  const what = kind === "kfunc" ? "kernel function" : "helper";
  const times = calls > 1 ? ` (${calls} calls in all)` : "";
  return `"${program}": instruction ${at} calls ${what} ${name}${times}, ` +
    `wanted only those in allowed_helpers`;
}
