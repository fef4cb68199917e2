// linux/bpf.h: what bpf(2) is given to find out what a kernel accepts. Not through libbpf: it tries
// again in other ways and changes errno. A kernel takes more than it knows while that is zero.
import type { StructLayout } from "../struct.ts";

/** BPF_MAP_CREATE. */
export const bpf_attr_map_create = {
  name: "bpf_attr",
  keyword: "union",
  header: "linux/bpf.h",
  size: 168,
  fields: {
    map_type: [0, 4],
    key_size: [4, 4],
    value_size: [8, 4],
    max_entries: [12, 4],
    map_flags: [16, 4],
    inner_map_fd: [20, 4],
    btf_fd: [48, 4],
    btf_key_type_id: [52, 4],
    btf_value_type_id: [56, 4],
    btf_vmlinux_value_type_id: [60, 4],
    map_extra: [64, 8],
  },
} as const satisfies StructLayout;

/** BPF_PROG_LOAD. */
export const bpf_attr_prog_load = {
  name: "bpf_attr",
  keyword: "union",
  header: "linux/bpf.h",
  size: 168,
  fields: {
    prog_type: [0, 4],
    insn_cnt: [4, 4],
    insns: [8, 8],
    license: [16, 8],
    log_level: [24, 4],
    log_size: [28, 4],
    log_buf: [32, 8],
    prog_flags: [44, 4],
    expected_attach_type: [68, 4],
    attach_btf_id: [108, 4],
    attach_prog_fd: [112, 4],
  },
} as const satisfies StructLayout;

/** BPF_BTF_LOAD. */
export const bpf_attr_btf_load = {
  name: "bpf_attr",
  keyword: "union",
  header: "linux/bpf.h",
  size: 168,
  fields: {
    btf: [0, 8],
    btf_size: [16, 4],
  },
} as const satisfies StructLayout;

/** BPF_LINK_CREATE. */
export const bpf_attr_link_create = {
  name: "bpf_attr",
  keyword: "union",
  header: "linux/bpf.h",
  size: 168,
  fields: {
    "link_create.prog_fd": [0, 4],
    "link_create.target_fd": [4, 4],
    "link_create.attach_type": [8, 4],
    "link_create.kprobe_multi.cnt": [20, 4],
    "link_create.kprobe_multi.syms": [24, 8],
    "link_create.uprobe_multi.path": [16, 8],
    "link_create.uprobe_multi.offsets": [24, 8],
    "link_create.uprobe_multi.cnt": [48, 4],
  },
} as const satisfies StructLayout;
