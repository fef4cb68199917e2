// A map in the kernel, by descriptor: an object's own, or anybody's by id.
import { Fd } from "../../ffi/fd.ts";
import { libbpf } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { Btf } from "../btf/btf.ts";
import { internalError, kernelError, resourceError } from "../errors.ts";
import { btfBytes } from "./btf_info.ts";
import { openById } from "./ids.ts";
import { type MapInfo, mapInfo } from "./map_info.ts";
import { mapTypes } from "./uapi_types.ts";

const ENOENT = 2;

/** `enum bpf_map_type` by name. */
export function mapType(name: typeof mapTypes[number]): number {
  return mapTypes.indexOf(name);
}

const arrays = [mapType("array"), mapType("percpu_array")];
const perCpu = [
  mapType("percpu_hash"),
  mapType("percpu_array"),
  mapType("lru_percpu_hash"),
  mapType("percpu_cgroup_storage"),
];

export class BpfMap implements Disposable {
  readonly info: MapInfo;
  readonly #owned: Fd | null;
  #btf: Btf | null | undefined;

  private constructor(
    readonly fd: number,
    readonly name: string,
    btf: Btf | null | undefined,
    owned: Fd | null,
  ) {
    this.#btf = btf;
    this.#owned = owned;
    this.info = mapInfo(fd);
  }

  /** A map whose descriptor somebody else closes. `name` may be longer than the kernel's. */
  static borrow(fd: number, name: string, btf: Btf | null): BpfMap {
    return new BpfMap(fd, name, btf, null);
  }

  /**
   * Opens a map of any process; its BTF is fetched from the kernel when it is first needed.
   * @throws map_not_found, not_permitted without CAP_SYS_ADMIN
   */
  static open(id: number): BpfMap {
    const fd = openById("map", id);
    return new BpfMap(fd.number, mapInfo(fd.number).name, undefined, fd);
  }

  /**
   * The same map by a descriptor of its own, for work that may outlast this one's owner.
   * @throws limit_exceeded when the process may open no more files
   */
  duplicate(): BpfMap {
    const fd = Fd.duplicate(this.fd);
    if (typeof fd === "number") {
      throw resourceError("limit_exceeded", `Cannot open map "${this.name}" again`, { errno: fd });
    }
    return new BpfMap(fd.number, this.name, this.#btf, fd);
  }

  get isArray(): boolean {
    return arrays.includes(this.info.type);
  }

  /** Values have one slot for each possible CPU. */
  get isPerCpu(): boolean {
    return perCpu.includes(this.info.type);
  }

  /** The BTF that describes keys and values; null when the map has none. */
  get btf(): Btf | null {
    return this.#btf ??= this.#readBtf();
  }

  #readBtf(): Btf | null {
    const { btfId } = this.info;
    if (btfId === null) return null;
    using fd = openById("btf", btfId);
    return Btf.parse(btfBytes(fd.number));
  }

  /** Bytes of one element as bpf(2) reads it: every CPU's slot, each rounded up to 8. */
  get elementBytes(): number {
    const { valueBytes } = this.info;
    return this.isPerCpu ? this.slotBytes * possibleCpus() : valueBytes;
  }

  /** Bytes from one CPU's value to the next. */
  get slotBytes(): number {
    return Math.ceil(this.info.valueBytes / 8) * 8;
  }

  /** The value of an array's element, once for each CPU; null when there is no such element. */
  lookupIndex(index: number): Uint8Array[] | null {
    const key = fixedBytes(4);
    new DataView(key.buffer).setUint32(0, index, true);
    const element = this.lookup(key);
    return element === null ? null : this.valuesOf(element, 0);
  }

  /**
   * One element's bytes; null when the key is missing.
   * @throws map_read_failed with the errno
   */
  lookup(key: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
    const value = fixedBytes(this.elementBytes);
    const result = libbpf().bpf_map_lookup_elem(this.fd, key, value);
    if (result === 0) return value;
    if (result === -ENOENT) return null;
    throw kernelError("map_read_failed", `Cannot look up "${this.name}"`, -result, {
      map_id: this.info.id,
    });
  }

  /**
   * Writes one element of a map that is our own.
   * @throws internal_error with the errno
   */
  update(key: Uint8Array<ArrayBuffer>, value: Uint8Array<ArrayBuffer>): void {
    const result = libbpf().bpf_map_update_elem(this.fd, key, value, 0n);
    if (result === 0) return;
    throw internalError(`Cannot write to map "${this.name}"`, { errno: -result });
  }

  /** The value at `offset` of an element buffer, cut into one for each CPU. */
  valuesOf(elements: Uint8Array, offset: number): Uint8Array[] {
    const { valueBytes } = this.info;
    const slots = this.isPerCpu ? possibleCpus() : 1;
    return Array.from({ length: slots }, (_, cpu) => {
      const start = offset + cpu * this.slotBytes;
      return elements.subarray(start, start + valueBytes);
    });
  }

  [Symbol.dispose](): void {
    this.#owned?.[Symbol.dispose]();
  }
}

/** CPUs that per-CPU values have slots for, present or not. */
export function possibleCpus(): number {
  return libbpf().libbpf_num_possible_cpus();
}
