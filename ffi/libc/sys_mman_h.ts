// sys/mman.h

export const sys_mman_h = {
  mmap: {
    parameters: [
      "pointer", // void *addr
      "usize", // size_t len
      "i32", // int prot
      "i32", // int flags
      "i32", // int fd
      "i64", // off_t offset
    ],
    result: "pointer", // void *: MAP_FAILED is 2^64-1, not NULL, with errno set
  },
  munmap: { parameters: ["pointer", "usize"], result: "i32" }, // 0 or -1 with errno set
  memfd_create: {
    parameters: ["buffer", "u32"], // const char *name, unsigned int flags
    result: "i32", // fd or -1 with errno set
  },
} as const satisfies Deno.ForeignLibraryInterface;
