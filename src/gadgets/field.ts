// What a gadget's manifest may say of a field, so that an answer can be read without its source.

export const fieldUnits = ["ns", "us", "ms", "bytes", "pages", "count", "percent"] as const;
export type FieldUnit = typeof fieldUnits[number];

/**
 * How a field's number or bytes are shown beside the plain value:
 * - `errno`: 0, or -errno as the kernel returns it
 * - `signal`, `syscall`, `capability`: by number, by the names of this architecture
 * - `address`: 16 bytes of an IPv6 address, IPv4 as ::ffff:a.b.c.d
 * - `port`: of TCP, or of UDP where the event's field `protocol` says so
 * - `mode`: permission bits, in octal
 * - `device`: major and minor number as the kernel packs them (dev_t)
 * - `kernel_stack`, `user_stack`: an id in the gadget's map `stacks`
 * - `log2`: an array of counts, element N those of 2^N up to 2^(N+1) of the field's unit
 */
export const fieldFormats = [
  "errno",
  "signal",
  "syscall",
  "capability",
  "address",
  "port",
  "mode",
  "device",
  "kernel_stack",
  "user_stack",
  "log2",
] as const;
export type FieldFormat = typeof fieldFormats[number];

/**
 * How the values that each CPU keeps of a table's field become one, where they are not added up.
 * CPUs that have nothing (0) are left out.
 */
export const fieldMerges = ["max", "min"] as const;
export type FieldMerge = typeof fieldMerges[number];

export interface FieldMeaning {
  readonly doc: string;
  readonly unit?: FieldUnit;
  readonly format?: FieldFormat;
  readonly merge?: FieldMerge;
}

/** The fields that bpf/include/gadget.bpf.h names: the same in every gadget. */
export const commonFields: Readonly<Record<string, FieldMeaning>> = {
  timestamp_ns: { doc: "When, by CLOCK_MONOTONIC", unit: "ns" },
  pid: { doc: "Process (thread group) id in the initial pid namespace" },
  tid: { doc: "Thread id in the initial pid namespace" },
  uid: { doc: "Real user id in the initial user namespace" },
  cgroup_id: { doc: "Control group (v2) of the process: the inode of its folder" },
  comm: { doc: "Name of the thread" },
  cpu: { doc: "CPU that it happened on" },
};
