// Flags of BPF_MAP_CREATE (linux/bpf.h) that ask for something by themselves: not those that only
// say that another field is set.

/** By their C names. */
export const map_flags = {
  BPF_F_NO_PREALLOC: 1 << 0,
  BPF_F_NO_COMMON_LRU: 1 << 1,
  BPF_F_NUMA_NODE: 1 << 2,
  BPF_F_RDONLY: 1 << 3,
  BPF_F_WRONLY: 1 << 4,
  BPF_F_STACK_BUILD_ID: 1 << 5,
  BPF_F_ZERO_SEED: 1 << 6,
  BPF_F_RDONLY_PROG: 1 << 7,
  BPF_F_WRONLY_PROG: 1 << 8,
  BPF_F_CLONE: 1 << 9,
  BPF_F_MMAPABLE: 1 << 10,
  BPF_F_PRESERVE_ELEMS: 1 << 11,
  BPF_F_INNER_MAP: 1 << 12,
  BPF_F_LINK: 1 << 13,
} as const;

/** Name and bit of each. */
export const mapFlags: readonly { readonly name: string; readonly bit: number }[] = Object.entries(
  map_flags,
).map(([name, bit]) => ({ name, bit }));
