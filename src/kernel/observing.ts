// Whether the main job works here: to load a program that observes, and to attach it.
import { errno } from "../../ffi/errno.ts";
import { Fd } from "../../ffi/fd.ts";
import { bpf_attr_raw_tracepoint } from "../../ffi/layouts/bpf_raw_tracepoint.ts";
import { cString } from "../../ffi/memory.ts";
import { Struct } from "../../ffi/struct.ts";
import { systemCall } from "../../ffi/syscalls.ts";
import { Attempts } from "./features/attempt.ts";
import { returnZero } from "./features/instructions.ts";

const BPF_RAW_TRACEPOINT_OPEN = 17;
const BPF_PROG_TYPE_RAW_TRACEPOINT = 17;
/** In every kernel that has tracepoints, and rare. */
const tracepoint = "sched_process_exit";

/** How far the trial came; `errno` is positive. */
export type Observation =
  | { readonly works: true; readonly tracepoint: string }
  | { readonly works: false; readonly step: "load" | "attach"; readonly errno: number };

/** Tries it out. Holds nothing between trials. */
export class Observing {
  /**
   * Loads a program of two instructions, attaches it to a raw tracepoint, and detaches it at once:
   * 8 to 16 ms.
   * @since Linux 4.17 @see bpf(2)
   */
  try(): Observation {
    const loaded = new Attempts().open({
      type: BPF_PROG_TYPE_RAW_TRACEPOINT,
      instructions: returnZero(),
    });
    if (!(loaded instanceof Fd)) return { works: false, step: "load", errno: loaded.errno };
    using program = loaded;
    const attr = new Struct(bpf_attr_raw_tracepoint)
      .point("raw_tracepoint.name", cString(tracepoint))
      .set("raw_tracepoint.prog_fd", program.number);
    const fd = systemCall("bpf", BPF_RAW_TRACEPOINT_OPEN, attr.bytes, attr.bytes.length);
    if (fd < 0) return { works: false, step: "attach", errno: errno() };
    using _attached = new Fd(fd);
    return { works: true, tracepoint };
  }
}
