// bpf/bpf.h, in header order: thin wrappers of bpf(2). All return -errno (libbpf 1.x).

export const bpf_h = {
  bpf_map_update_elem: {
    parameters: ["i32", "buffer", "buffer", "u64"], // int fd, key, value, __u64 flags
    result: "i32", // 0 or -errno
  },
  bpf_map_lookup_elem: {
    parameters: ["i32", "buffer", "buffer"], // int fd, const void *key, void *value
    result: "i32", // 0 or -errno
  },
  bpf_map_delete_elem: {
    parameters: ["i32", "buffer"], // int fd, const void *key
    result: "i32", // 0 or -errno; -ENOENT when it is not there
  },
  bpf_map_get_next_key: {
    parameters: ["i32", "buffer", "buffer"], // int fd, const void *key or NULL, void *next_key
    result: "i32", // 0 or -errno; -ENOENT after the last
  },
  bpf_map_lookup_batch: {
    parameters: [
      "i32", // int fd
      "buffer", // void *in_batch: NULL at first
      "buffer", // void *out_batch
      "buffer", // void *keys
      "buffer", // void *values
      "buffer", // __u32 *count: capacity in, elements out
      "buffer", // const struct bpf_map_batch_opts *opts
    ],
    result: "i32", // 0 or -errno; -ENOENT with the last batch, whose count is valid
  },
  bpf_obj_get: { parameters: ["buffer"], result: "i32" }, // const char *pathname; fd or -errno
  bpf_link_create: {
    parameters: [
      "i32", // int prog_fd
      "i32", // int target_fd: a perf event, a cgroup, an ifindex …
      "u32", // enum bpf_attach_type attach_type
      "buffer", // const struct bpf_link_create_opts *opts
    ],
    result: "i32", // fd or -errno
  },
  bpf_link_detach: { parameters: ["i32"], result: "i32" }, // int link_fd; 0 or -errno
  bpf_iter_create: { parameters: ["i32"], result: "i32" }, // int link_fd; fd or -errno
  bpf_prog_get_next_id: {
    parameters: ["u32", "buffer"], // __u32 start_id, __u32 *next_id
    result: "i32", // 0 or -errno; -ENOENT after the last
  },
  bpf_map_get_next_id: { parameters: ["u32", "buffer"], result: "i32" },
  bpf_btf_get_next_id: { parameters: ["u32", "buffer"], result: "i32" },
  bpf_link_get_next_id: { parameters: ["u32", "buffer"], result: "i32" },
  bpf_prog_get_fd_by_id: { parameters: ["u32"], result: "i32" }, // __u32 id; fd or -errno
  bpf_map_get_fd_by_id: { parameters: ["u32"], result: "i32" },
  bpf_btf_get_fd_by_id: { parameters: ["u32"], result: "i32" },
  bpf_link_get_fd_by_id: { parameters: ["u32"], result: "i32" },
  bpf_obj_get_info_by_fd: {
    parameters: [
      "i32", // int bpf_fd
      "buffer", // void *info
      "buffer", // __u32 *info_len: size in, what the kernel knows out
    ],
    result: "i32", // 0 or -errno
  },
  bpf_task_fd_query: {
    parameters: [
      "i32", // int pid
      "i32", // int fd
      "u32", // __u32 flags
      "buffer", // char *buf: the function's or tracepoint's name
      "buffer", // __u32 *buf_len: size in, length out
      "buffer", // __u32 *prog_id
      "buffer", // __u32 *fd_type
      "buffer", // __u64 *probe_offset
      "buffer", // __u64 *probe_addr
    ],
    result: "i32", // 0 or -errno
  },
  bpf_enable_stats: { parameters: ["u32"], result: "i32" }, // enum bpf_stats_type; fd or -errno
  bpf_prog_test_run_opts: {
    parameters: ["i32", "buffer"], // int prog_fd, struct bpf_test_run_opts *opts
    result: "i32", // 0 or -errno
  },
} as const satisfies Deno.ForeignLibraryInterface;
