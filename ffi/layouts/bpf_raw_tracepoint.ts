// linux/bpf.h: what bpf(2) is given to attach a program to a raw tracepoint.
import type { StructLayout } from "../struct.ts";

/** BPF_RAW_TRACEPOINT_OPEN. */
export const bpf_attr_raw_tracepoint = {
  name: "bpf_attr",
  keyword: "union",
  header: "linux/bpf.h",
  size: 16,
  fields: {
    "raw_tracepoint.name": [0, 8],
    "raw_tracepoint.prog_fd": [8, 4],
  },
} as const satisfies StructLayout;
