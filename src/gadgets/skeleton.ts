// What is in a gadget's object, as the generator read it from ELF and BTF at build time.
import type { GadgetManifest } from "./manifest.ts";

export interface SkeletonProgram {
  readonly name: string;
  /** The ELF section, which says the program's type and what it is attached to. */
  readonly section: string;
}

export interface SkeletonMap {
  readonly name: string;
  /** As the kernel's tools call it: `ringbuf`, `percpu_array`. */
  readonly type: string;
}

/** A global variable or a field; offset and size are in bytes. */
export interface SkeletonField {
  readonly name: string;
  /** C text. */
  readonly type: string;
  readonly offset: number;
  readonly size: number;
}

/** A struct that the gadget sends. Records may end earlier when its last field is an array. */
export interface SkeletonEvent {
  readonly name: string;
  /** Size of the whole struct in bytes. */
  readonly size: number;
  /** Size of the shortest record in bytes. */
  readonly minimum: number;
  readonly fields: readonly SkeletonField[];
}

/** A map whose elements are the gadget's rows: the fields of its key and of its value. */
export interface SkeletonTable {
  readonly map: string;
  readonly key: readonly SkeletonField[];
  readonly value: readonly SkeletonField[];
}

/** One embedded gadget. Generated: `NAME.skel.gen.ts`. */
export interface Gadget {
  readonly name: string;
  readonly manifest: GadgetManifest;
  readonly programs: readonly SkeletonProgram[];
  readonly maps: readonly SkeletonMap[];
  /** Tunables, set before the load. */
  readonly rodata: readonly SkeletonField[];
  /** Counters, readable while it runs. */
  readonly bss: readonly SkeletonField[];
  readonly events: readonly SkeletonEvent[];
  /** Of a gadget whose output is a table. */
  readonly table?: SkeletonTable;
}
