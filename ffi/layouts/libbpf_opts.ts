// Option structs of bpf/libbpf.h and bpf/bpf.h. `sz` says which of them we know.
import type { StructLayout } from "../struct.ts";

export const bpf_object_open_opts = {
  name: "bpf_object_open_opts",
  header: "bpf/libbpf.h",
  size: 80,
  fields: {
    sz: [0, 8],
    object_name: [8, 8],
    relaxed_maps: [16, 1],
    pin_root_path: [24, 8],
    kconfig: [40, 8],
    btf_custom_path: [48, 8],
    kernel_log_buf: [56, 8],
    kernel_log_size: [64, 8],
    kernel_log_level: [72, 4],
  },
} as const satisfies StructLayout;

export const bpf_perf_event_opts = {
  name: "bpf_perf_event_opts",
  header: "bpf/libbpf.h",
  size: 16,
  fields: {
    sz: [0, 8],
    bpf_cookie: [8, 8],
  },
} as const satisfies StructLayout;

export const bpf_kprobe_opts = {
  name: "bpf_kprobe_opts",
  header: "bpf/libbpf.h",
  size: 32,
  fields: {
    sz: [0, 8],
    bpf_cookie: [8, 8],
    offset: [16, 8],
    retprobe: [24, 1],
  },
} as const satisfies StructLayout;

export const bpf_kprobe_multi_opts = {
  name: "bpf_kprobe_multi_opts",
  header: "bpf/libbpf.h",
  size: 48,
  fields: {
    sz: [0, 8],
    syms: [8, 8],
    addrs: [16, 8],
    cookies: [24, 8],
    cnt: [32, 8],
    retprobe: [40, 1],
  },
} as const satisfies StructLayout;

export const bpf_uprobe_opts = {
  name: "bpf_uprobe_opts",
  header: "bpf/libbpf.h",
  size: 40,
  fields: {
    sz: [0, 8],
    ref_ctr_offset: [8, 8],
    bpf_cookie: [16, 8],
    retprobe: [24, 1],
    func_name: [32, 8],
  },
} as const satisfies StructLayout;

export const bpf_link_create_opts = {
  name: "bpf_link_create_opts",
  header: "bpf/bpf.h",
  size: 64,
  fields: {
    sz: [0, 8],
    flags: [8, 4],
    iter_info: [16, 8],
    iter_info_len: [24, 4],
    target_btf_id: [28, 4],
  },
} as const satisfies StructLayout;

export const bpf_map_batch_opts = {
  name: "bpf_map_batch_opts",
  header: "bpf/bpf.h",
  size: 24,
  fields: {
    sz: [0, 8],
    elem_flags: [8, 8],
    flags: [16, 8],
  },
} as const satisfies StructLayout;

export const bpf_test_run_opts = {
  name: "bpf_test_run_opts",
  header: "bpf/bpf.h",
  size: 80,
  fields: {
    sz: [0, 8],
    data_in: [8, 8],
    data_out: [16, 8],
    data_size_in: [24, 4],
    data_size_out: [28, 4],
    ctx_in: [32, 8],
    ctx_out: [40, 8],
    ctx_size_in: [48, 4],
    ctx_size_out: [52, 4],
    retval: [56, 4],
    repeat: [60, 4],
    duration: [64, 4],
    flags: [68, 4],
    cpu: [72, 4],
    batch_size: [76, 4],
  },
} as const satisfies StructLayout;
