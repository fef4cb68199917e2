// Whether a kprobe, a fentry or a fexit program can be put on a function, and why not.
import type { Btf } from "../../btf/btf.ts";
import { isPassable } from "../../btf/passable.ts";
import type { FunctionMarks } from "../../host/function_marks.ts";
import type { FunctionSymbols, KprobeSupport } from "../../host/kernel_symbols.ts";
import type { FunctionPrograms } from "../../kernel/function_programs.ts";

export const probeKinds = ["kprobe", "fentry", "fexit"] as const;
export type ProbeKind = typeof probeKinds[number];

/** Why not, where it depends on the function. */
export const reasons = {
  blacklisted: "on the kernel's list of functions where no kprobe may stand (kprobes/blacklist)",
  not_patchable: "not in available_filter_functions: notrace, or a part of another function",
  same_name: "several functions have this name, and it is open which one is meant",
  no_btf: "no prototype in BTF: assembly, an optimised copy such as .isra.0, or left out",
  arguments: "over 12 or variable arguments, or a type that no program can be given",
  refused: "the kernel refuses fentry and fexit on functions that its own tracing goes through",
  no_return: "it never returns: take fentry",
} as const;
export type Reason = keyof typeof reasons;

/** btf_id_deny in kernel/bpf/verifier.c. */
const REFUSED: ReadonlySet<string> = new Set([
  "migrate_disable",
  "migrate_enable",
  "rcu_read_unlock_strict",
  "preempt_count_add",
  "preempt_count_sub",
  "__rcu_read_lock",
  "__rcu_read_unlock",
]);
/** noreturn_deny there, since Linux 6.16; before, the program never ran. */
const NO_RETURN: ReadonlySet<string> = new Set([
  "__ia32_sys_exit",
  "__ia32_sys_exit_group",
  "__x64_sys_exit",
  "__x64_sys_exit_group",
  "do_exit",
  "do_group_exit",
  "kthread_complete_and_exit",
  "kthread_exit",
  "make_task_dead",
]);

/** What holds for every function; null where each is to be looked at. */
export type Barriers = Readonly<Record<ProbeKind, string | null>>;

export function barriersOf(kprobes: KprobeSupport, programs: FunctionPrograms): Barriers {
  const { fentry, fexit } = programs;
  return {
    kprobe: kprobeBarrier(kprobes),
    fentry: fentry.accepted === true ? null : fentry.why,
    fexit: fexit.accepted === true ? null : fexit.why,
  };
}

function kprobeBarrier(kprobes: KprobeSupport): string | null {
  switch (kprobes) {
    case "no":
      return "built without kprobes (CONFIG_KPROBE_EVENTS): use tracepoints or fentry";
    case "locked down":
      return "kernel lockdown is confidentiality: use tracepoints";
    default:
      return null;
  }
}

export class Probing {
  readonly #symbols: FunctionSymbols;
  readonly #barriers: Barriers;
  /** The types of the module that a function is in; null where none can be read. */
  readonly #typesOf: (index: number) => Btf | null;

  constructor(
    symbols: FunctionSymbols,
    barriers: Barriers,
    typesOf: (index: number) => Btf | null,
  ) {
    this.#symbols = symbols;
    this.#barriers = barriers;
    this.#typesOf = typesOf;
  }

  /** True when a program of at least one kind can be put on the function. */
  isTraceable(index: number): boolean {
    return probeKinds.some((kind) => {
      return this.#barriers[kind] === null && this.whyNot(kind, index) === null;
    });
  }

  /** Why this function takes no such program, besides what holds for all; null when it does. */
  whyNot(kind: ProbeKind, index: number): Reason | null {
    const { functions, patchable } = this.#symbols;
    if (kind === "kprobe" && isOn(this.#symbols.blacklist, index)) return "blacklisted";
    if (functions.names.occurrences(index) > 1) return "same_name";
    if (kind === "kprobe") return this.#isPatchable(index) ? null : "not_patchable";
    const btf = this.#typesOf(index);
    const type = btf === null ? null : this.#symbols.types.find(index, btf);
    if (btf === null || type === null) return "no_btf";
    if (typeof patchable !== "number" && !patchable.has(index)) return "not_patchable";
    const name = functions.names.name(index);
    if (REFUSED.has(name)) return "refused";
    if (kind === "fexit" && NO_RETURN.has(name)) return "no_return";
    return isPassable(btf, type) ? null : "arguments";
  }

  /** For a part such as `f.cold` the kernel asks about `f`. */
  #isPatchable(index: number): boolean {
    const { patchable, functions: { names } } = this.#symbols;
    if (typeof patchable === "number" || patchable.has(index)) return true;
    const [whole = "", ...parts] = names.name(index).split(".");
    if (parts.length === 0) return false;
    const wholeIndex = names.find(whole);
    return wholeIndex >= 0 && patchable.has(wholeIndex);
  }
}

function isOn(marks: FunctionMarks | number, index: number): boolean {
  return typeof marks !== "number" && marks.has(index);
}
