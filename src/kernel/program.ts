// One program of an object: a view of libbpf's `struct bpf_program`, which the object owns.
import type { ProgramHandle } from "../../ffi/handles.ts";
import { libbpf } from "../../ffi/library.ts";
import { copyMemory, readCString } from "../../ffi/memory.ts";
import { internalError } from "../errors.ts";

/** Bytes of `struct bpf_insn`. */
const INSTRUCTION_BYTES = 8;

export class Program {
  readonly name: string;
  /** ELF section, such as `tracepoint/syscalls/sys_enter_execve`. */
  readonly section: string;

  #handle: ProgramHandle | null;

  /** @param handle valid until the object is closed, which then calls `forget` */
  constructor(handle: ProgramHandle) {
    this.#handle = handle;
    this.name = readCString(libbpf().bpf_program__name(handle));
    this.section = readCString(libbpf().bpf_program__section_name(handle));
  }

  /** @throws when the object was closed: libbpf has freed the program */
  get handle(): ProgramHandle {
    if (this.#handle === null) throw internalError(`Program "${this.name}" is closed`);
    return this.#handle;
  }

  /** The object is about to be closed, and the handle with it. */
  forget(): void {
    this.#handle = null;
  }

  /** `enum bpf_prog_type`. */
  get type(): number {
    return libbpf().bpf_program__type(this.handle);
  }

  /** `enum bpf_attach_type`; 0 where the type has none. */
  get expectedAttachType(): number {
    return libbpf().bpf_program__expected_attach_type(this.handle);
  }

  /** Whether it is part of the load; a section that begins with `?` makes it none by itself. */
  get autoload(): boolean {
    return libbpf().bpf_program__autoload(this.handle);
  }

  /** Makes this program part of the load. */
  include(): void {
    libbpf().bpf_program__set_autoload(this.handle, true);
  }

  /** Leaves this program out of the load. */
  exclude(): void {
    libbpf().bpf_program__set_autoload(this.handle, false);
  }

  /** Descriptor of the loaded program, owned by the object; negative when it is not loaded. */
  get fd(): number {
    return libbpf().bpf_program__fd(this.handle);
  }

  /** Closes the program's descriptor, alone of its object; idempotent. */
  unload(): void {
    libbpf().bpf_program__unload(this.handle);
  }

  /** Instructions, both halves of a 64-bit load counted; after a load with every subprogram. */
  get instructionCount(): number {
    return Number(libbpf().bpf_program__insn_cnt(this.handle));
  }

  /** A copy of the instructions: after a load, even a refused one, those the kernel was given. */
  instructions(): Uint8Array<ArrayBuffer> {
    const pointer = libbpf().bpf_program__insns(this.handle);
    if (pointer === null) return new Uint8Array(0);
    return copyMemory(pointer, this.instructionCount * INSTRUCTION_BYTES);
  }

  /**
   * Where the verifier writes for this program. The caller keeps `buffer` referenced until the load
   * is over. @param level bits of `log_level`: 1 every instruction, 2 every state, 4 statistics
   */
  logInto(buffer: Uint8Array<ArrayBuffer>, level: number): void {
    libbpf().bpf_program__set_log_buf(this.handle, buffer, BigInt(buffer.length));
    libbpf().bpf_program__set_log_level(this.handle, level);
  }
}
