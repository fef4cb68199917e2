// Programs on probes that a user program's author left in it (USDT).
import { readDirectory, readLink } from "../../../ffi/file.ts";
import { libbpf } from "../../../ffi/library.ts";
import { cString } from "../../../ffi/memory.ts";
import { Link } from "../link.ts";
import type { Program } from "../program.ts";
import { attemptHandle, type Explanation } from "./libbpf_attach.ts";
import { openChecked } from "./open_checked.ts";
import type { UsdtSpec } from "./spec.ts";

const ENOENT = 2;
const ESRCH = 3;
const EOPNOTSUPP = 95;
const EVERY_PROCESS = -1;

/**
 * A probe may be compiled into several places: each gets a link of its own, and one handle holds
 * them all without telling which descriptors they are.
 * @since Linux 4.17; a link since 5.15
 */
export function attachUsdt(program: Program, spec: UsdtSpec): Link {
  if (spec.path.includes("/")) openChecked(spec.path, "regular")[Symbol.dispose]();
  const before = new Set(descriptors());
  const handle = attemptHandle(program, spec, () =>
    libbpf().bpf_program__attach_usdt(
      program.handle,
      spec.pid ?? EVERY_PROCESS,
      cString(spec.path),
      cString(spec.provider),
      cString(spec.name),
      null,
    ), (errno) => explain(spec, errno));
  const added = descriptors().filter((fd) => !before.has(fd));
  const links = added.filter((fd) =>
    kind(fd).includes("bpf_link") || kind(fd).includes("bpf-link")
  );
  const events = added.filter((fd) => kind(fd).includes("perf_event"));
  return Link.fromParts(handle, links.length > 0 ? links : events);
}

function explain(spec: UsdtSpec, errno: number): Explanation | null {
  if (errno === ENOENT || errno === ESRCH) {
    return {
      reason: `"${spec.path}" has no probe ${spec.provider}:${spec.name}` +
        (spec.pid === undefined ? "" : `, or no process ${spec.pid} runs it`),
      hint: "`readelf -n` lists a file's probes as stapsdt notes",
    };
  }
  if (errno === EOPNOTSUPP && spec.pid === undefined) {
    return {
      reason:
        "below Linux 5.15 a probe in a library, or in a program that may be loaded anywhere, " +
        "is found only in a running process",
      hint: "give pid, once for each process",
    };
  }
  return null;
}

function descriptors(): number[] {
  const names = readDirectory("/proc/self/fd");
  return typeof names === "number" ? [] : names.map(Number);
}

/** Such as `anon_inode:bpf_link`. */
function kind(fd: number): string {
  return readLink(`/proc/self/fd/${fd}`) ?? "";
}
