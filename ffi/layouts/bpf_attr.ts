// linux/bpf.h: what bpf(2) is given for commands that libbpf 1.1 wraps only in part.
import type { StructLayout } from "../struct.ts";

/** As far as BPF_PROG_QUERY reads. A kernel accepts more than it knows as long as it is zero. */
export const bpf_attr = {
  name: "bpf_attr",
  keyword: "union",
  header: "linux/bpf.h",
  size: 64,
  fields: {
    "query.target_fd": [0, 4],
    "query.attach_type": [4, 4],
    "query.query_flags": [8, 4],
    "query.attach_flags": [12, 4],
    "query.prog_ids": [16, 8],
    "query.prog_cnt": [24, 4],
    "query.prog_attach_flags": [32, 8],
    "query.link_ids": [40, 8],
  },
} as const satisfies StructLayout;
