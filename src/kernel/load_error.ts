// Why a load failed: whose program, what the verifier said last, what libbpf said, what to do now.
import { EBPFError, type ErrorContext, kernelError } from "../errors.ts";
import { lastLines } from "../view/last_lines.ts";

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
  /** What the verifier wrote for the program that it refused; empty when it was not asked. */
  verifierLog: string;
  /** libbpf's warnings, oldest first. */
  lines: readonly string[];
}

/** @returns program_load_rejected when the verifier spoke, else object_load_failed */
export function loadError(failure: LoadFailure): EBPFError {
  const { object, errno, verifierLog, lines } = failure;
  const program = programName(lines);
  const context: ErrorContext = {
    ...(program === null ? {} : { program }),
    object,
    ...(verifierLog === "" ? {} : { verifier_log: lastLines(verifierLog, LOG_LINES, LOG_BYTES) }),
    ...(lines.length === 0 ? {} : { libbpf: lines.slice(-LIBBPF_LINES) }),
    hint: hint(errno, verifierLog),
  };
  if (program === null && verifierLog === "") {
    return kernelError("object_load_failed", `Cannot load object "${object}"`, errno, context);
  }
  const error = kernelError(
    "program_load_rejected",
    `Cannot load "${program ?? object}"`,
    errno,
    context,
  );
  const reason = verdict(verifierLog);
  if (reason === null) return error;
  const { category, code, message } = error;
  return new EBPFError(category, code, `${message}: ${reason}`, error.context);
}

/** libbpf names the program in `prog 'NAME': BPF program load failed`. */
function programName(lines: readonly string[]): string | null {
  for (const line of lines) {
    const match = /^prog '([^']+)': (?:BPF program load failed|failed to load)/.exec(line);
    if (match !== null) return match[1];
  }
  return null;
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

function hint(errno: number, log: string): string {
  if (log !== "" && /invalid func unknown#195896080|invalid CO-RE relocation/.test(log)) {
    return "a CO-RE relocation has no match in this kernel's BTF: " +
      "guard it with bpf_core_field_exists";
  }
  if (log !== "" && errno !== EPERM) {
    return "read context.verifier_log from its end; " +
      'the whole is in inspect_state fields:["verifier"]';
  }
  switch (errno) {
    case EPERM:
    case EACCES:
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
