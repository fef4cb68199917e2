// BPF_TASK_FD_QUERY: what a perf event of any process runs. Such programs have no link: before
// Linux 5.15 none had one, and some tools still attach so.
import { libbpf } from "../../../ffi/library.ts";
import { textUntilNul } from "../../../ffi/memory.ts";
import { fixedBytes } from "../../../ffi/struct.ts";
import { visibleLine } from "../../view/text.ts";

/** `enum bpf_task_fd_type`, by number. */
const kinds = [
  "raw_tracepoint",
  "tracepoint",
  "kprobe",
  "kretprobe",
  "uprobe",
  "uretprobe",
] as const;

export interface PerfAttachment {
  /** A perf event whose program has the type perf_event is not told further. */
  readonly kind: typeof kinds[number] | "perf_event";
  readonly programId: number | null;
  /** The function, the tracepoint or the file; empty for an address alone. */
  readonly name: string;
  /** Of the probe, from the function or in the file. */
  readonly offset: bigint;
}

/** No program at this event, or no such event any more. */
const ENOENT = 2;
const EOPNOTSUPP = 95;
/** PATH_MAX. */
const NAME_BYTES = 4096;
const NUMBER_BYTES = 8;

/** Asks about many descriptors with the same memory. */
export class PerfAttachments {
  readonly #name = fixedBytes(NAME_BYTES);
  readonly #length = new Number32();
  readonly #program = new Number32();
  readonly #kind = new Number32();
  readonly #offset = fixedBytes(NUMBER_BYTES);
  readonly #address = fixedBytes(NUMBER_BYTES);

  /**
   * What runs at a process's descriptor of a perf event; null where no program does, or where it is
   * gone; else a positive errno: EPERM without CAP_SYS_ADMIN.
   *
   * @since Linux 4.17 @see bpf(2)
   */
  ask(pid: number, fd: number): PerfAttachment | number | null {
    this.#name.fill(0, 0, 1);
    this.#length.value = NAME_BYTES;
    const result = libbpf().bpf_task_fd_query(
      pid,
      fd,
      0,
      this.#name,
      this.#length.bytes,
      this.#program.bytes,
      this.#kind.bytes,
      this.#offset,
      this.#address,
    );
    if (result === -EOPNOTSUPP) {
      return { kind: "perf_event", programId: null, name: "", offset: 0n };
    }
    if (result < 0) return -result === ENOENT ? null : -result;
    const kind = kinds[this.#kind.value];
    if (kind === undefined) return null;
    return {
      kind,
      programId: this.#program.value,
      name: visibleLine(textUntilNul(this.#name)),
      offset: new DataView(this.#offset.buffer).getBigUint64(0, true),
    };
  }
}

/** A __u32 that the kernel reads and writes. */
class Number32 {
  readonly bytes = fixedBytes(4);
  readonly #view = new DataView(this.bytes.buffer);

  get value(): number {
    return this.#view.getUint32(0, true);
  }

  set value(value: number) {
    this.#view.setUint32(0, value, true);
  }
}
