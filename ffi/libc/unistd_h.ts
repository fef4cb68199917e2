// unistd.h

export const unistd_h = {
  close: { parameters: ["i32"], result: "i32" }, // 0 or -1 with errno set
  close_async: { name: "close", nonblocking: true, parameters: ["i32"], result: "i32" },
  read: {
    parameters: ["i32", "buffer", "usize"], // int fd, void *buf, size_t nbytes
    result: "isize", // bytes or -1 with errno set
  },
  write: {
    parameters: ["i32", "buffer", "usize"], // int fd, const void *buf, size_t n
    result: "isize",
  },
  pread: {
    parameters: ["i32", "buffer", "usize", "i64"], // int fd, void *buf, size_t, off_t offset
    result: "isize",
  },
  sysconf: { parameters: ["i32"], result: "i64" }, // int name; the value or -1
  getpid: { parameters: [], result: "i32" },
  readlink: {
    parameters: ["buffer", "buffer", "usize"], // const char *path, char *buf, size_t len
    result: "isize", // bytes, not terminated, or -1 with errno set
  },
  readlinkat: {
    parameters: ["i32", "buffer", "buffer", "usize"], // int fd, then as readlink
    result: "isize",
  },
  syscall: {
    parameters: ["i64", "u64", "u64", "u64", "u64", "u64", "u64"], // long sysno, …
    result: "i64", // or -1 with errno set
  },
} as const satisfies Deno.ForeignLibraryInterface;
