// What the lists of types and calls say in common: names of errors, and what could not be told.
import { errnoName } from "../../errno.ts";
import type { Feature } from "../../kernel/features/feature.ts";
import type { Missing } from "../missing.ts";

/** The fields of a row that say whether the kernel takes something, and if not, why. */
export interface Verdict {
  readonly accepted: boolean | null;
  readonly errno_name?: string;
  readonly why?: string;
}

export function verdictOf({ accepted, errno, why }: Feature): Verdict {
  if (accepted === true) return { accepted };
  return { accepted, ...(errno === null ? {} : { errno_name: errnoName(errno) }), why };
}

/** One entry for everything that this process was not permitted to try. */
export function notPermitted(
  what: string,
  features: readonly Feature[],
  capabilitiesOf: (name: string) => readonly string[],
): Missing[] {
  const refused = features.filter(({ accepted, errno }) => accepted === null && errno !== null);
  const [first] = refused;
  if (first === undefined) return [];
  const wanted = new Set(refused.flatMap(({ name }) => capabilitiesOf(name)));
  return [{
    what: `whether this kernel takes ${refused.length} of ${features.length} ${what}`,
    why: `${first.name}: ${first.why}`,
    remedy: `run as root, or with ${[...wanted].sort().join(", ")}`,
  }];
}

/** What is lost where the kernel's types cannot be read. */
export function missingBtf(what: string): Missing {
  return {
    what,
    why: "the kernel's BTF (/sys/kernel/btf/vmlinux) is not there or cannot be read",
    remedy: "mount sysfs, run with CAP_SYS_ADMIN, which may ask the kernel for it, or use a " +
      "kernel built with CONFIG_DEBUG_INFO_BTF=y",
  };
}
