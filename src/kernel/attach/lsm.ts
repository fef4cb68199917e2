// Programs on hooks of the Linux security modules.
import { readText } from "../../../ffi/file.ts";
import { libbpf } from "../../../ffi/library.ts";
import type { Link } from "../link.ts";
import type { Program } from "../program.ts";
import { attempt, refused } from "./libbpf_attach.ts";
import type { LsmSpec } from "./spec.ts";

const EOPNOTSUPP = 95;
const ACTIVE = "/sys/kernel/security/lsm";

/**
 * The load has fixed the hook. A kernel that was booted without the bpf module lets programs be
 * attached, and never calls them: refused here.
 * @throws feature_missing, link_attach_failed
 * @since Linux 5.7
 */
export function attachLsm(program: Program, spec: LsmSpec): Link {
  const active = readText(ACTIVE); // null where securityfs is not mounted: nobody can tell
  if (active !== null && !active.split(",").includes("bpf")) {
    throw refused(program, spec, EOPNOTSUPP, {
      reason: `the active security modules are ${active}: without bpf no such program is called`,
      hint: `boot with lsm=${active},bpf on the kernel's command line`,
    });
  }
  return attempt(program, spec, () => libbpf().bpf_program__attach(program.handle));
}
