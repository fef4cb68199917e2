// One attempt at bpf(2): what the kernel answers, with everything closed again at once.
import { errno } from "../../../ffi/errno.ts";
import { Fd } from "../../../ffi/fd.ts";
import {
  bpf_attr_btf_load,
  bpf_attr_link_create,
  bpf_attr_map_create,
  bpf_attr_prog_load,
} from "../../../ffi/layouts/bpf_probe.ts";
import { cString, textUntilNul } from "../../../ffi/memory.ts";
import { fixedBytes, Struct } from "../../../ffi/struct.ts";
import { systemCall } from "../../../ffi/syscalls.ts";
import type { Answer } from "./feature.ts";
import { raiseLockedMemory } from "./locked_memory.ts";

const EPERM = 1;
const BPF_MAP_CREATE = 0;
const BPF_PROG_LOAD = 5;
const BPF_BTF_LOAD = 18;
const BPF_LINK_CREATE = 28;

const INSTRUCTION_BYTES = 8;
/** Before 6.4 a log that does not fit fails the load; ours have a few lines. */
const LOG_BYTES = 16 * 1024;

/** A program that is only loaded to see what the kernel says. */
export interface ProgramAttempt {
  /** `enum bpf_prog_type`. */
  readonly type: number;
  readonly instructions: Uint8Array<ArrayBuffer>;
  /** `enum bpf_attach_type`. */
  readonly expectedAttachType?: number;
  /** The function or type in vmlinux BTF that it is meant for. */
  readonly attachBtfId?: number;
  /** Bits of `prog_flags`. */
  readonly flags?: number;
}

/** A map that is only created to see what the kernel says. Sizes in bytes. */
export interface MapAttempt {
  /** `enum bpf_map_type`. */
  readonly type: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly maxEntries: number;
  /** Bits of `map_flags`. */
  readonly flags: number;
  readonly innerMapFd?: number;
  readonly btf?: { readonly fd: number; readonly keyType: number; readonly valueType: number };
  /** The struct in vmlinux BTF whose operations a struct_ops map holds. */
  readonly vmlinuxValueType?: number;
}

/** A link that cannot come to be: it names no target. */
export interface LinkAttempt {
  readonly programFd: number;
  /** `enum bpf_attach_type`. */
  readonly attachType: number;
  /** How the target is left out. */
  readonly target: "descriptor" | "symbols" | "offsets";
}

/** Tries things out. Holds the buffers that attempts share, and nothing of the kernel's. */
export class Attempts {
  readonly #log = fixedBytes(LOG_BYTES);
  readonly #license = cString("GPL");
  #limit: "as found" | "looked at" = "as found";

  /**
   * Loads a program and closes it.
   * @since Linux 3.18 @see bpf(2)
   */
  load(attempt: ProgramAttempt): Answer {
    const loaded = this.open(attempt);
    if (!(loaded instanceof Fd)) return loaded;
    loaded[Symbol.dispose]();
    return { errno: 0, log: "" };
  }

  /**
   * Loads a program for the caller to close.
   * @since Linux 3.18 @see bpf(2)
   */
  open(attempt: ProgramAttempt): Fd | Answer {
    const { type, instructions, expectedAttachType = 0, attachBtfId = 0, flags = 0 } = attempt;
    this.#log[0] = 0;
    const attr = new Struct(bpf_attr_prog_load)
      .set("prog_type", type)
      .set("insn_cnt", instructions.length / INSTRUCTION_BYTES)
      .point("insns", instructions)
      .point("license", this.#license)
      .set("log_level", 1)
      .set("log_size", this.#log.length)
      .point("log_buf", this.#log)
      .set("prog_flags", flags)
      .set("expected_attach_type", expectedAttachType)
      .set("attach_btf_id", attachBtfId);
    const fd = this.#ask(BPF_PROG_LOAD, attr);
    return fd < 0 ? { errno: -fd, log: textUntilNul(this.#log) } : new Fd(fd);
  }

  /**
   * Creates a map and closes it. 0, or a positive errno.
   * @since Linux 3.18 @see bpf(2)
   */
  create(attempt: MapAttempt): number {
    const created = this.openMap(attempt);
    if (typeof created === "number") return created;
    created[Symbol.dispose]();
    return 0;
  }

  /** Creates a map for the caller to close, or gives a positive errno. */
  openMap(attempt: MapAttempt): Fd | number {
    const { type, keyBytes, valueBytes, maxEntries, flags, innerMapFd, btf } = attempt;
    const attr = new Struct(bpf_attr_map_create)
      .set("map_type", type)
      .set("key_size", keyBytes)
      .set("value_size", valueBytes)
      .set("max_entries", maxEntries)
      .set("map_flags", flags)
      .set("inner_map_fd", innerMapFd ?? 0)
      .set("btf_fd", btf?.fd ?? 0)
      .set("btf_key_type_id", btf?.keyType ?? 0)
      .set("btf_value_type_id", btf?.valueType ?? 0)
      .set("btf_vmlinux_value_type_id", attempt.vmlinuxValueType ?? 0);
    const fd = this.#ask(BPF_MAP_CREATE, attr);
    return fd < 0 ? -fd : new Fd(fd);
  }

  /**
   * Loads BTF for the caller to close, or gives a positive errno.
   * @since Linux 4.18 @see bpf(2)
   */
  openBtf(bytes: Uint8Array<ArrayBuffer>): Fd | number {
    const attr = new Struct(bpf_attr_btf_load).point("btf", bytes).set("btf_size", bytes.length);
    const fd = this.#ask(BPF_BTF_LOAD, attr);
    return fd < 0 ? -fd : new Fd(fd);
  }

  /**
   * Asks for a link without a target: the errno tells whether the kernel looked for one. Should it
   * make a link all the same, the link is closed.
   * @since Linux 5.7 @see bpf(2)
   */
  link({ programFd, attachType, target }: LinkAttempt): number {
    const attr = new Struct(bpf_attr_link_create)
      .set("link_create.prog_fd", programFd)
      .set("link_create.attach_type", attachType);
    if (target === "descriptor") {
      attr.set("link_create.target_fd", -1);
    } else if (target === "symbols") {
      attr.set("link_create.kprobe_multi.cnt", 1).set("link_create.kprobe_multi.syms", 1);
    } else {
      attr.set("link_create.uprobe_multi.cnt", 1).set("link_create.uprobe_multi.offsets", 1)
        .set("link_create.uprobe_multi.path", 1);
    }
    const fd = this.#ask(BPF_LINK_CREATE, attr);
    if (fd < 0) return -fd;
    new Fd(fd)[Symbol.dispose]();
    return 0;
  }

  /** A descriptor or -errno. EPERM may be a limit that can be raised, once. */
  #ask(command: number, attr: Struct<string>): number {
    const answer = bpf(command, attr);
    if (answer !== -EPERM || this.#limit === "looked at") return answer;
    this.#limit = "looked at";
    return raiseLockedMemory() === "raised" ? bpf(command, attr) : answer;
  }
}

function bpf(command: number, attr: Struct<string>): number {
  const result = systemCall("bpf", command, attr.bytes, attr.bytes.length);
  return result < 0 ? -errno() : result;
}
