// One map of an object: a view of libbpf's `struct bpf_map`, which the object owns.
import type { MapHandle } from "../../ffi/handles.ts";
import { libbpf } from "../../ffi/library.ts";
import { readCString } from "../../ffi/memory.ts";
import { internalError } from "../errors.ts";

export class ObjectMap {
  readonly name: string;

  #handle: MapHandle | null;

  /** @param handle valid until the object is closed, which then calls `forget` */
  constructor(handle: MapHandle) {
    this.#handle = handle;
    this.name = readCString(libbpf().bpf_map__name(handle));
  }

  /** @throws when the object was closed: libbpf has freed the map */
  get handle(): MapHandle {
    if (this.#handle === null) throw internalError(`Map "${this.name}" is closed`);
    return this.#handle;
  }

  /** The object is about to be closed, and the handle with it. */
  forget(): void {
    this.#handle = null;
  }

  /** `enum bpf_map_type`. */
  get type(): number {
    return libbpf().bpf_map__type(this.handle);
  }

  get keyBytes(): number {
    return libbpf().bpf_map__key_size(this.handle);
  }

  get valueBytes(): number {
    return libbpf().bpf_map__value_size(this.handle);
  }

  get maxEntries(): number {
    return libbpf().bpf_map__max_entries(this.handle);
  }

  /**
   * How many elements it will have, before the load. A ring buffer's bytes are rounded up to what
   * the kernel takes by libbpf. @returns 0 or a positive errno
   */
  resize(maxEntries: number): number {
    return -libbpf().bpf_map__set_max_entries(this.handle, maxEntries);
  }

  /** Bytes of a value, before the load. @returns 0 or a positive errno */
  setValueBytes(bytes: number): number {
    return -libbpf().bpf_map__set_value_size(this.handle, bytes);
  }

  /** Descriptor of the created map, owned by the object; negative before the load. */
  get fd(): number {
    return libbpf().bpf_map__fd(this.handle);
  }

  /** Path that `LIBBPF_PIN_BY_NAME` asks for; empty without. */
  get pinPath(): string {
    return readCString(libbpf().bpf_map__pin_path(this.handle));
  }

  clearPinPath(): void {
    libbpf().bpf_map__set_pin_path(this.handle, null);
  }

  /**
   * The bytes that a data section (.rodata, .data, .bss) will start with, shared with libbpf; null
   * for other maps. Live until the load, not after it.
   */
  initialValue(): Uint8Array<ArrayBuffer> | null {
    const size = new BigUint64Array(new ArrayBuffer(72));
    const pointer = libbpf().bpf_map__initial_value(this.handle, size);
    if (pointer === null) return null;
    return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, Number(size[0])));
  }
}
