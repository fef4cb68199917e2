// sys/stat.h. statx, not fstat: glibc exports fstat only since 2.33.

export const sys_stat_h = {
  statx: {
    parameters: [
      "i32", // int dirfd
      "buffer", // const char *path
      "i32", // int flags
      "u32", // unsigned int mask
      "buffer", // struct statx *buf
    ],
    result: "i32", // 0 or -1 with errno set
  },
} as const satisfies Deno.ForeignLibraryInterface;
