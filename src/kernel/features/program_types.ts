// Which program types the running kernel takes: a program of two instructions, loaded and closed.
import { Fd } from "../../../ffi/fd.ts";
import type { Btf } from "../../btf/btf.ts";
import type { Attempts, ProgramAttempt } from "./attempt.ts";
import { neededCapabilities } from "./program_facts.ts";
import { type NumberedName, numberedNames, uapiEnums } from "./enums.ts";
import { type Answer, type Feature, judge, type Judgement, type Standing } from "./feature.ts";
import { returnZero } from "./instructions.ts";
import type { Privileges } from "./privileges.ts";
import { operationAttempts, targetAttempts } from "./targets.ts";

/** BPF_F_SLEEPABLE of `prog_flags`: what programs of type syscall must be. */
const SLEEPABLE = 16;
const EPERM = 1;
const EINVAL = 22;
/** The type that needs the least: even no capability, where the host says so. */
const SOCKET_FILTER = 1;

export interface ProgramTypeFeature extends Feature {
  /** `enum bpf_prog_type`. */
  readonly number: number;
}

export class ProgramTypes {
  readonly #attempts: Attempts;
  readonly #privileges: Privileges;
  readonly #btf: Btf | null;
  readonly #attachTypes: readonly NumberedName[];
  /** What the kernel took of each type, for probes that build on it. */
  readonly #shapes = new Map<number, ProgramAttempt>();
  #allowed: boolean | undefined;

  constructor(attempts: Attempts, privileges: Privileges, btf: Btf | null) {
    this.#attempts = attempts;
    this.#privileges = privileges;
    this.#btf = btf;
    this.#attachTypes = numberedNames(uapiEnums.attachType, btf);
  }

  /** Every type that the kernel or this program knows, by rising number. */
  all(): ProgramTypeFeature[] {
    return this.names().map((type) => ({ ...type, ...this.judgement(type) }));
  }

  names(): NumberedName[] {
    return numberedNames(uapiEnums.programType, this.#btf);
  }

  /** Whether the kernel takes programs of one type. */
  judgement(type: NumberedName): Judgement {
    const answer = this.#withTarget(type, this.#plain(type.number));
    return judge(answer, "program type", this.standing(type.name));
  }

  /** The kindest answer to a program that is meant for nothing special. */
  #plain(type: number): Answer {
    let best: Answer = { errno: EINVAL, log: "" };
    for (const attempt of this.#shapesToTry(type)) {
      // the verifier was reached: no other attach type could come further
      if (best.log !== "" && attempt.expectedAttachType !== undefined) break;
      const answer = this.#attempts.load(attempt);
      if (answer.errno === 0) this.#shapes.set(type, attempt);
      if (answer.errno === 0 || (answer.log === "" && answer.errno !== EINVAL)) return answer;
      if (best.log === "") best = answer;
    }
    return best;
  }

  /** How a refusal of this type is to be read. */
  standing(name: string): Standing {
    const lacking = this.#privileges.lacking(neededCapabilities(name));
    return { lacking, allowed: this.#isAllowed() };
  }

  /** What the kernel takes of a type, as found by `judgement`; null where it takes nothing. */
  shape(type: NumberedName): ProgramAttempt | null {
    if (!this.#shapes.has(type.number)) this.judgement(type);
    return this.#shapes.get(type.number) ?? null;
  }

  /** A loaded program of a type, for the caller to close; null where the kernel takes none. */
  open(type: NumberedName, expectedAttachType?: number): Fd | null {
    const shape = this.shape(type);
    if (shape === null) return null;
    const attempt = expectedAttachType === undefined ? shape : { ...shape, expectedAttachType };
    const opened = this.#attempts.open(attempt);
    return opened instanceof Fd ? opened : null;
  }

  /** Plain first; then as sleepable; then for each attach type, which some types must name. */
  *#shapesToTry(type: number): Generator<ProgramAttempt> {
    const instructions = returnZero();
    yield { type, instructions };
    yield { type, instructions, flags: SLEEPABLE };
    for (const { number } of this.#attachTypes) {
      yield { type, instructions, expectedAttachType: number };
    }
  }

  /** Types of the tracing kind need something to be meant for: the kindest answer counts. */
  #withTarget(type: NumberedName, plain: Answer): Answer {
    if (this.#btf === null || plain.errno === 0) return plain;
    let answer: Answer | null = null;
    for (const attempt of this.#aimed(type, this.#btf)) {
      const aimed = this.#attempts.load(attempt);
      if (aimed.errno === 0) {
        this.#shapes.set(type.number, attempt);
        return aimed;
      }
      answer ??= aimed;
    }
    // the verifier knows the type before it looks at what it is meant for, which may be refused
    return plain.log !== "" && answer !== null && answer.log === "" ? answer : plain;
  }

  #aimed(type: NumberedName, btf: Btf): Iterable<ProgramAttempt> {
    if (type.name === "struct_ops") return operationAttempts(type.number, btf);
    const numbers = new Map(this.#attachTypes.map(({ name, number }) => [name, number]));
    return targetAttempts(type, numbers, btf);
  }

  #isAllowed(): boolean {
    if (this.#allowed !== undefined) return this.#allowed;
    const { errno } = this.#attempts.load({ type: SOCKET_FILTER, instructions: returnZero() });
    return this.#allowed = errno !== EPERM;
  }
}
