// bpf/libbpf.h, in header order. `…_async` rows are the same function off the main thread: only
// functions that return -errno may be, because errno itself stays behind on that thread.
import { btf_p, link_p, map_p, object_p, program_p } from "../handles.ts";

export const libbpf_h = {
  libbpf_major_version: { parameters: [], result: "u32" },
  libbpf_minor_version: { parameters: [], result: "u32" },
  libbpf_version_string: { parameters: [], result: "pointer" }, // const char *
  libbpf_set_print: {
    parameters: ["function"], // libbpf_print_fn_t fn; NULL silences
    result: "pointer", // libbpf_print_fn_t: the previous one
  },
  bpf_object__open_mem: {
    parameters: [
      "buffer", // const void *obj_buf
      "usize", // size_t obj_buf_sz
      "buffer", // const struct bpf_object_open_opts *opts
    ],
    result: object_p, // NULL on failure with errno set
  },
  bpf_object__load: {
    parameters: [object_p], // struct bpf_object *obj
    result: "i32", // 0 or -errno
  },
  bpf_object__load_async: {
    name: "bpf_object__load",
    nonblocking: true,
    parameters: [object_p], // struct bpf_object *obj
    result: "i32", // 0 or -errno
  },
  bpf_object__close: {
    parameters: [object_p], // struct bpf_object *obj
    result: "void",
  },
  bpf_object__btf: {
    parameters: [object_p], // const struct bpf_object *obj
    result: btf_p, // NULL when the object has none
  },
  bpf_object__next_program: {
    parameters: [object_p, program_p], // const struct bpf_object *obj, struct bpf_program *prog
    result: program_p,
  },
  bpf_program__name: { parameters: [program_p], result: "pointer" }, // const char *
  bpf_program__section_name: { parameters: [program_p], result: "pointer" }, // const char *
  bpf_program__autoload: { parameters: [program_p], result: "bool" },
  bpf_program__set_autoload: { parameters: [program_p, "bool"], result: "i32" }, // 0 or -errno
  bpf_program__insns: {
    parameters: [program_p], // const struct bpf_program *prog
    result: "pointer", // const struct bpf_insn *: relocated once the object was loaded
  },
  bpf_program__insn_cnt: { parameters: [program_p], result: "usize" },
  bpf_program__fd: { parameters: [program_p], result: "i32" }, // fd or -errno
  bpf_program__unload: { parameters: [program_p], result: "void" },
  bpf_link__fd: { parameters: [link_p], result: "i32" },
  bpf_link__destroy: { parameters: [link_p], result: "i32" }, // 0 or -errno
  bpf_link__destroy_async: {
    name: "bpf_link__destroy",
    nonblocking: true,
    parameters: [link_p], // struct bpf_link *link
    result: "i32", // 0 or -errno
  },
  bpf_program__attach: {
    parameters: [program_p], // const struct bpf_program *prog
    result: link_p, // NULL on failure with errno set: never nonblocking
  },
  bpf_program__attach_perf_event_opts: {
    parameters: [
      program_p, // const struct bpf_program *prog
      "i32", // int pfd: owned by the link from here on
      "buffer", // const struct bpf_perf_event_opts *opts
    ],
    result: link_p,
  },
  bpf_program__attach_kprobe_opts: {
    parameters: [
      program_p, // const struct bpf_program *prog
      "buffer", // const char *func_name
      "buffer", // const struct bpf_kprobe_opts *opts
    ],
    result: link_p,
  },
  bpf_program__attach_kprobe_multi_opts: {
    parameters: [
      program_p, // const struct bpf_program *prog
      "buffer", // const char *pattern: NULL with opts.syms
      "buffer", // const struct bpf_kprobe_multi_opts *opts
    ],
    result: link_p,
  },
  bpf_program__attach_uprobe_opts: {
    parameters: [
      program_p, // const struct bpf_program *prog
      "i32", // pid_t pid: -1 for every process
      "buffer", // const char *binary_path
      "usize", // size_t func_offset
      "buffer", // const struct bpf_uprobe_opts *opts
    ],
    result: link_p,
  },
  bpf_program__attach_usdt: {
    parameters: [
      program_p, // const struct bpf_program *prog
      "i32", // pid_t pid: -1 for every process
      "buffer", // const char *binary_path
      "buffer", // const char *usdt_provider
      "buffer", // const char *usdt_name
      "buffer", // const struct bpf_usdt_opts *opts
    ],
    result: link_p, // of several descriptors: bpf_link__fd answers 0
  },
  bpf_program__attach_tracepoint: {
    parameters: [
      program_p, // const struct bpf_program *prog
      "buffer", // const char *tp_category
      "buffer", // const char *tp_name
    ],
    result: link_p,
  },
  bpf_program__attach_raw_tracepoint: {
    parameters: [program_p, "buffer"], // const struct bpf_program *prog, const char *tp_name
    result: link_p,
  },
  bpf_program__type: { parameters: [program_p], result: "u32" }, // enum bpf_prog_type
  bpf_program__expected_attach_type: {
    parameters: [program_p], // const struct bpf_program *prog
    result: "u32", // enum bpf_attach_type
  },
  bpf_program__set_expected_attach_type: {
    parameters: [program_p, "u32"], // struct bpf_program *prog, enum bpf_attach_type type
    result: "i32", // 0 or -errno
  },
  bpf_program__set_log_level: {
    parameters: [program_p, "u32"], // struct bpf_program *prog, __u32 log_level
    result: "i32", // 0 or -errno
  },
  bpf_program__set_log_buf: {
    parameters: [program_p, "buffer", "usize"], // struct bpf_program *, char *log_buf, size_t
    result: "i32", // 0 or -errno
  },
  bpf_object__next_map: {
    parameters: [object_p, map_p], // const struct bpf_object *obj, const struct bpf_map *map
    result: map_p,
  },
  bpf_map__fd: { parameters: [map_p], result: "i32" }, // fd or -errno
  bpf_map__name: { parameters: [map_p], result: "pointer" }, // const char *
  bpf_map__type: { parameters: [map_p], result: "u32" }, // enum bpf_map_type
  bpf_map__max_entries: { parameters: [map_p], result: "u32" },
  bpf_map__set_max_entries: {
    parameters: [map_p, "u32"], // struct bpf_map *map, __u32 max_entries
    result: "i32", // 0 or -errno; -EBUSY after the load
  },
  bpf_map__key_size: { parameters: [map_p], result: "u32" },
  bpf_map__value_size: { parameters: [map_p], result: "u32" },
  bpf_map__set_value_size: {
    parameters: [map_p, "u32"], // struct bpf_map *map, __u32 size
    result: "i32", // 0 or -errno; -EBUSY after the load
  },
  bpf_map__set_initial_value: {
    parameters: [map_p, "buffer", "usize"], // struct bpf_map *map, const void *data, size_t size
    result: "i32", // 0 or -errno
  },
  bpf_map__initial_value: {
    parameters: [map_p, "buffer"], // struct bpf_map *map, size_t *psize
    result: "pointer", // void *: NULL when the map is not one of the object's data sections
  },
  bpf_map__set_pin_path: {
    parameters: [map_p, "buffer"], // struct bpf_map *map, const char *path; NULL clears it
    result: "i32", // 0 or -errno
  },
  bpf_map__pin_path: { parameters: [map_p], result: "pointer" }, // const char * or NULL
  libbpf_num_possible_cpus: { parameters: [], result: "i32" }, // count or -errno
} as const satisfies Deno.ForeignLibraryInterface;
