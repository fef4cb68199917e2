// Why a load failed: whose program, what the verifier said last, what libbpf said, what to do now.
import { EBPFError, type ErrorContext, kernelError } from "../errors.ts";
import { lastLines } from "../view/last_lines.ts";
import { causeOf, failedMap, failedProgram, hintOf } from "./libbpf_words.ts";
import { mapTypes } from "./uapi_types.ts";

const EPERM = 1;
const ENOENT = 2;
const E2BIG = 7;
const ENOMEM = 12;
const EACCES = 13;
const EINVAL = 22;
const ENOSPC = 28;
const ESRCH = 3;

const LOG_LINES = 25;
const LOG_BYTES = 3000;
const LIBBPF_LINES = 8;

export interface LoadFailure {
  object: string;
  /** Positive. */
  errno: number;
  /** What the verifier wrote last, for whichever program; empty when it was not asked. */
  verifierLog: string;
  /** libbpf's warnings, oldest first. */
  lines: readonly string[];
  programs: readonly FailedProgram[];
  maps: readonly FailedMap[];
  /** Names of the kernel's near to a target that it does not have. */
  nearest?: readonly string[];
}

interface FailedProgram {
  readonly name: string;
  readonly section: string;
  /** Whether the verifier wrote anything about it. */
  readonly verified: boolean;
}

interface FailedMap {
  readonly name: string;
  readonly type: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly maxEntries: number;
}

/** @returns program_load_rejected when one program is at fault, else object_load_failed */
export function loadError(failure: LoadFailure): EBPFError {
  const { object, errno, lines } = failure;
  const name = failedProgram(lines);
  const program = failure.programs.find((candidate) => candidate.name === name);
  // the log is that of the last program which reached the verifier: perhaps not of this one
  const log = program?.verified === false ? "" : failure.verifierLog;
  const map = failure.maps.find((candidate) => candidate.name === failedMap(lines));
  const context: ErrorContext = {
    ...(name === null ? {} : { program: name }),
    ...(program === undefined ? {} : { section: program.section }),
    object,
    ...(failure.nearest === undefined ? {} : { nearest: failure.nearest }),
    ...(log === "" ? {} : { verifier_log: lastLines(log, LOG_LINES, LOG_BYTES) }),
    ...(lines.length === 0 ? {} : { libbpf: lines.slice(-LIBBPF_LINES) }),
    hint: hintOf(lines) ?? mapHint(map, errno, failure.maps) ??
      hint(errno, log, program?.section ?? ""),
  };
  const reason = verdict(log) ?? mapReason(map) ?? causeOf(lines);
  return name === null
    ? explained("object_load_failed", `Cannot load object "${object}"`, errno, context, reason)
    : explained("program_load_rejected", `Cannot load "${name}"`, errno, context, reason);
}

/** @returns object_open_failed: libbpf does not take the file as it is */
export function openError(object: string, errno: number, lines: readonly string[]): EBPFError {
  return explained("object_open_failed", `Cannot open object "${object}"`, errno, {
    object,
    ...(lines.length === 0 ? {} : { libbpf: lines.slice(-LIBBPF_LINES) }),
    hint: hintOf(lines) ??
      "libbpf takes objects that clang -g -target bpf made and, where several were linked, " +
        "bpftool gen object",
  }, causeOf(lines));
}

function explained(
  code: "object_open_failed" | "object_load_failed" | "program_load_rejected",
  action: string,
  errno: number,
  context: ErrorContext,
  reason: string | null,
): EBPFError {
  const error = kernelError(code, action, errno, context);
  if (reason === null) return error;
  const message = `${error.message}: ${reason.replace(/\.$/, "")}`;
  return new EBPFError(error.category, code, message, error.context);
}

/** Map types without values, or with as many elements as there are CPUs, or owners of them. */
const valueless = ["ringbuf", "user_ringbuf", "arena"];
const boundless = /storage$|^perf_event_array$/;

/** Maps that a hint names, and elements that it gives them. */
const MOST_UNSIZED = 16;
const EXAMPLE_ENTRIES = 64;

/** Sizes that the kernel wants of a map of this type, where they are 0. */
function missingSizes({ type, valueBytes, maxEntries }: FailedMap): string[] {
  const text = mapTypeText(type);
  return [
    ...(valueBytes === 0 && !valueless.includes(text) ? ["value_size 0"] : []),
    ...(maxEntries === 0 && !boundless.test(text) ? ["max_entries 0"] : []),
  ];
}

function mapReason(map: FailedMap | undefined): string | null {
  if (map === undefined) return null;
  const missing = missingSizes(map);
  if (missing.length === 0) return null;
  return `map "${map.name}" (${mapTypeText(map.type)}) has ${missing.join(", ")}`;
}

function mapHint(
  map: FailedMap | undefined,
  errno: number,
  all: readonly FailedMap[],
): string | null {
  if (map === undefined) return null;
  if (errno === ENOMEM || errno === E2BIG) {
    return `the kernel has no room for ${map.maxEntries} elements in map "${map.name}": give ` +
      "load_program fewer of them by map_sizes";
  }
  if (missingSizes(map).length > 0) {
    const unsized = all.filter((one) => missingSizes(one).length > 0).slice(0, MOST_UNSIZED);
    const sizes = Object.fromEntries(unsized.map(({ name }) => [name, EXAMPLE_ENTRIES]));
    return "the program that this object was made for sets such sizes before it loads: give " +
      `load_program map_sizes, such as ${JSON.stringify(sizes)}`;
  }
  const { type, keyBytes, valueBytes, maxEntries } = map;
  return `this kernel may not know map type ${mapTypeText(type)}, or not with these flags and ` +
    `sizes: key_size ${keyBytes}, value_size ${valueBytes}, max_entries ${maxEntries}`;
}

function mapTypeText(type: number): string {
  return mapTypes[type] ?? `type_${type}`;
}

/** What the verifier writes after its last sentence: statistics and states. */
const afterword =
  /^(processed \d|verification time|stack depth|mark_precise|(cur|old) state:|R\d+(_w)?=)/;

/** The verifier's last sentence. */
function verdict(log: string): string | null {
  const lines = log.trimEnd().split("\n");
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index].trim();
    if (line === "" || afterword.test(line)) continue;
    return line.length > 200 ? `${line.slice(0, 200)}…` : line;
  }
  return null;
}

/** What the verifier of an older kernel says of what only newer ones have. */
const newerFeatures: readonly { readonly words: RegExp; readonly hint: string }[] = [
  {
    words: /BPF_(?:XADD|STX|ATOMIC) uses reserved fields/,
    hint: "an atomic operation whose result is used needs Linux 5.12: leave the result unused, " +
      "or compile with clang -mcpu=v2, which refuses such a source",
  },
  {
    words: /number of funcs in func_info doesn't match number of subprogs/,
    hint: "a function that is handed to a helper (bpf_for_each_map_elem, bpf_loop, bpf_timer) " +
      "needs Linux 5.13: leave the program out by naming the others in programs",
  },
];

/** Programs for which the kernel patches one of its functions. */
const patching = /^(fentry|fexit|fmod_ret|lsm)\b/;

function hint(errno: number, log: string, section: string): string {
  if (log !== "" && /invalid func unknown#195896080|invalid CO-RE relocation/.test(log)) {
    return "a CO-RE relocation has no match in this kernel's BTF: " +
      "guard it with bpf_core_field_exists";
  }
  if (/GPL-restricted/.test(log)) {
    return 'the helper is for GPL programs: the source must have char LICENSE[] SEC("license") = ' +
      '"GPL"';
  }
  const newer = newerFeatures.find(({ words }) => words.test(log));
  if (newer !== undefined) return newer.hint;
  if (log !== "" && errno !== EPERM) {
    return "read context.verifier_log from its end; " +
      'the whole is in inspect_state fields:["verifier"]';
  }
  switch (errno) {
    case EPERM:
    case EACCES:
      if (patching.test(section)) {
        return "this kernel lets no program patch its functions (fentry, fexit, fmod_ret, lsm): " +
          "its configuration, lockdown or a missing CAP_BPF and CAP_PERFMON forbid it; " +
          "a tracepoint, tp_btf or kprobe program may see the same";
      }
      return "loading needs root, or CAP_BPF with CAP_PERFMON or CAP_NET_ADMIN: see system_info; " +
        "with them, lockdown or the kernel's configuration may forbid fentry, fexit and LSM";
    case EINVAL:
      return "this kernel may not know the program type, map type or attach target: " +
        "see context.libbpf";
    case ENOENT:
    case ESRCH:
      return "an attach target or kernel symbol that the object names is not in this kernel's BTF";
    case E2BIG:
      return "the program has more instructions, or gives the verifier more to check, " +
        "than this kernel allows";
    case ENOMEM:
    case ENOSPC:
      return "the kernel has no room: ask for smaller maps";
    default:
      return "see context.libbpf";
  }
}
