// bpf/btf.h: only the bytes are taken from libbpf; they are read by src/btf.
import { btf_p } from "../handles.ts";

export const btf_h = {
  btf__raw_data: {
    parameters: [btf_p, "buffer"], // const struct btf *btf, __u32 *size
    result: "pointer", // const void *: owned by btf
  },
} as const satisfies Deno.ForeignLibraryInterface;
