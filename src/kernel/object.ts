// An object file in libbpf's hands: opened, adjusted, loaded, closed.
import { errno } from "../../ffi/errno.ts";
import type { ObjectHandle } from "../../ffi/handles.ts";
import { bpf_object_open_opts } from "../../ffi/layouts/libbpf_opts.ts";
import { libbpf, libc } from "../../ffi/library.ts";
import { copyMemory, cString } from "../../ffi/memory.ts";
import { Struct } from "../../ffi/struct.ts";
import { Btf } from "../btf/btf.ts";
import { kernelError } from "../errors.ts";
import { ObjectMap } from "./object_map.ts";
import { Program } from "./program.ts";

export interface OpenOptions {
  /** Prefix of the names of internal maps (.rodata and the like). */
  name: string;
  /** A file with the BTF to relocate against instead of the kernel's own. */
  btfPath?: string;
}

export class BpfObject implements Disposable {
  readonly programs: readonly Program[];
  readonly maps: readonly ObjectMap[];
  readonly name: string;
  #handle: ObjectHandle | null;
  #btf: Btf | null | undefined;

  private constructor(handle: ObjectHandle, name: string, readonly bytes: Uint8Array) {
    this.#handle = handle;
    this.name = name;
    this.programs = [...programsOf(handle)];
    this.maps = [...mapsOf(handle)];
  }

  /**
   * Parses an object; nothing reaches the kernel. Pin paths stay as the object asks.
   * @throws object_open_failed with libbpf's errno (4000 and up are its own)
   */
  static open(bytes: Uint8Array<ArrayBuffer>, { name, btfPath }: OpenOptions): BpfObject {
    const options = new Struct(bpf_object_open_opts)
      .set("sz", bpf_object_open_opts.size)
      .point("object_name", cString(name))
      .point("btf_custom_path", btfPath === undefined ? null : cString(btfPath));
    const handle = libbpf().bpf_object__open_mem(bytes, BigInt(bytes.length), options.bytes);
    if (handle === null) {
      throw kernelError("object_open_failed", `Cannot open object "${name}"`, errno(), { name });
    }
    return new BpfObject(handle, name, bytes);
  }

  /** The object's own BTF after libbpf filled in section sizes and offsets; null without. */
  get btf(): Btf | null {
    return this.#btf ??= this.#readBtf();
  }

  #readBtf(): Btf | null {
    const btf = libbpf().bpf_object__btf(this.#open());
    if (btf === null) return null;
    const size = new Uint32Array(new ArrayBuffer(72));
    const raw = libbpf().btf__raw_data(btf, size);
    return raw === null ? null : Btf.parse(copyMemory(raw, size[0]));
  }

  /** Loads off the main thread. The answer is 0 or a positive errno. */
  async load(): Promise<number> {
    const answer = await libbpf().bpf_object__load_async(this.#open());
    libc().malloc_trim(0n); // the kernel's BTF, 20 MiB, was needed for the load alone: 0.3 ms
    return -answer;
  }

  #open(): ObjectHandle {
    if (this.#handle === null) throw new Error(`object "${this.name}" is closed`);
    return this.#handle;
  }

  /** Closes every descriptor of the object; what is attached or pinned keeps its own reference. */
  [Symbol.dispose](): void {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null; // first, so that a second dispose cannot free twice
    for (const view of [...this.programs, ...this.maps]) view.forget();
    libbpf().bpf_object__close(handle);
  }
}

function* programsOf(object: ObjectHandle): Generator<Program> {
  let handle = libbpf().bpf_object__next_program(object, null);
  while (handle !== null) {
    yield new Program(handle);
    handle = libbpf().bpf_object__next_program(object, handle);
  }
}

function* mapsOf(object: ObjectHandle): Generator<ObjectMap> {
  let handle = libbpf().bpf_object__next_map(object, null);
  while (handle !== null) {
    yield new ObjectMap(handle);
    handle = libbpf().bpf_object__next_map(object, handle);
  }
}
