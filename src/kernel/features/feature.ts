// What a live probe says of one feature, and how the kernel's answer is read.
import { errnoName } from "../../errno.ts";

const EPERM = 1;
const E2BIG = 7;
const EAGAIN = 11;
const ENOMEM = 12;
const EACCES = 13;
const EINVAL = 22;
const ENFILE = 23;
const EMFILE = 24;
const ENOSYS = 38;

/** One feature of the running kernel. */
export interface Feature {
  readonly name: string;
  /** Whether the kernel takes it; null when it could not be told. */
  readonly accepted: boolean | null;
  /** What the kernel answered, positive; null when it took it, or was not asked. */
  readonly errno: number | null;
  /** What shows it, or why it could not be told and what to do about that. */
  readonly why: string;
}

/** A feature without its name. */
export type Judgement = Omit<Feature, "name">;

/** The kernel's answer to one attempt. */
export interface Answer {
  /** Positive; 0 when it took the attempt. */
  readonly errno: number;
  /** What the verifier wrote; empty when the attempt never reached it. */
  readonly log: string;
}

/** What decides how EPERM is to be read. */
export interface Standing {
  /** Capabilities that the attempt needs and this process lacks. */
  readonly lacking: readonly string[];
  /** False when the kernel refuses this process even what needs the least. */
  readonly allowed: boolean;
}

/** Reads the answer to an attempt in which nothing could be wrong but the feature itself. */
export function judge({ errno, log }: Answer, subject: string, standing: Standing): Judgement {
  if (errno === 0) return { accepted: true, errno: null, why: "loads" };
  if (log !== "") return { accepted: true, errno: null, why: "the verifier knows it" };
  return refusal(errno, subject, standing);
}

/** Reads an errno that stands for a refusal. */
export function refusal(errno: number, subject: string, standing: Standing): Judgement {
  switch (errno) {
    case EPERM:
    case EACCES:
      return notPermitted(errno, standing);
    case EINVAL:
      return { accepted: false, errno, why: `this kernel has no such ${subject}` };
    case ENOSYS:
      return unknown(errno, "the kernel or a seccomp filter refuses bpf(2) altogether");
    case E2BIG:
    case EAGAIN:
    case ENOMEM:
    case ENFILE:
    case EMFILE:
      return unknown(errno, `could not be tried: ${errnoName(errno)}`);
    default:
      return { accepted: false, errno, why: `the kernel answers ${errnoName(errno)}` };
  }
}

function notPermitted(errno: number, { lacking, allowed }: Standing): Judgement {
  if (lacking.length > 0) {
    return unknown(errno, `not permitted: give this process ${lacking.join(" and ")}`);
  }
  if (!allowed) {
    const remedy = "allow bpf(2) in the container's seccomp profile or security module";
    return unknown(errno, `bpf(2) is refused in spite of every capability: ${remedy}`);
  }
  const cause = "lockdown, a security module or a patch of this kernel";
  return { accepted: false, errno, why: `refused in spite of every capability: ${cause}` };
}

function unknown(errno: number | null, why: string): Judgement {
  return { accepted: null, errno, why };
}

/** A judgement about what was not tried, and why. */
export function untried(why: string): Judgement {
  return unknown(null, why);
}
