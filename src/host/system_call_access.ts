// Whether the two system calls that everything here needs get through, asked by calls that can
// do nothing: a command and a flag that do not exist. A filter answers before the kernel looks.
import { errno } from "../../ffi/errno.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { systemCall } from "../../ffi/syscalls.ts";

export interface SystemCallAccess {
  /** The errno of bpf(2): EINVAL when it gets through. Before 5.19 EPERM without CAP_BPF too. */
  readonly bpf: number;
  /** The errno of perf_event_open(2): EINVAL when it gets through. */
  readonly perfEventOpen: number;
}

const NO_COMMAND = 0x7fff_ffff;
const NO_FLAGS = 0xffff_ffff;
const ATTRIBUTE_BYTES = 128;

/** @see bpf(2) @see perf_event_open(2) */
export function trySystemCalls(): SystemCallAccess {
  const attributes = fixedBytes(ATTRIBUTE_BYTES);
  const bpf = systemCall("bpf", NO_COMMAND, attributes, 0) < 0 ? errno() : 0;
  const opened = systemCall("perf_event_open", attributes, -1, -1, -1, NO_FLAGS);
  return { bpf, perfEventOpen: opened < 0 ? errno() : 0 };
}
