// Memory shared with the kernel: an mmapped descriptor as an ArrayBuffer.
import { errno } from "./errno.ts";
import { libc } from "./library.ts";

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
/** (void *) -1: mmap answers this, not NULL. */
const MAP_FAILED = 2n ** 64n - 1n;
const SC_PAGESIZE = 30;

export type Protection = "read" | "read_write";

/** Bytes in a page of this machine: 4096, or up to 65536 on arm64. */
export function pageBytes(): number {
  return Number(libc().sysconf(SC_PAGESIZE));
}

/** Part of a file, a map or a perf event in our address space until it is disposed. */
export class Mapping implements Disposable {
  #pointer: Deno.PointerObject | null;
  readonly #length: number;
  readonly #buffer: ArrayBuffer;

  private constructor(pointer: Deno.PointerObject, length: number) {
    this.#pointer = pointer;
    this.#length = length;
    this.#buffer = Deno.UnsafePointerView.getArrayBuffer(pointer, length);
  }

  /**
   * Maps `length` bytes of `fd` from `offset` (both in bytes, whole pages), shared.
   * Answers a positive errno when the kernel refuses. @see mmap(2)
   */
  static map(
    fd: number,
    length: number,
    protection: Protection,
    offset: number,
  ): Mapping | number {
    const bits = protection === "read" ? PROT_READ : PROT_READ | PROT_WRITE;
    return Mapping.#map(fd, length, bits, MAP_SHARED, offset);
  }

  /**
   * Maps the first `length` bytes of `fd` for reading, private to us: the kernel gives its types
   * only so. Answers a positive errno when it refuses. @see mmap(2)
   */
  static mapPrivate(fd: number, length: number): Mapping | number {
    return Mapping.#map(fd, length, PROT_READ, MAP_PRIVATE, 0);
  }

  static #map(
    fd: number,
    length: number,
    bits: number,
    flags: number,
    offset: number,
  ): Mapping | number {
    const pointer = libc().mmap(null, BigInt(length), bits, flags, fd, BigInt(offset));
    if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) return errno();
    return new Mapping(pointer, length);
  }

  /** The memory; of length 0 once disposed. Writing to one that is mapped "read" kills us. */
  get buffer(): ArrayBuffer {
    return this.#buffer;
  }

  [Symbol.dispose](): void {
    const pointer = this.#pointer;
    if (pointer === null) return;
    this.#pointer = null;
    this.#buffer.transfer(0); // detaches every view, so that none can reach unmapped memory
    libc().munmap(pointer, BigInt(this.#length));
  }
}
