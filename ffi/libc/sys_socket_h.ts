// sys/socket.h. Not getsockname: its parameter is a union of pointers; see syscalls.ts.

export const sys_socket_h = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" }, // domain, type, protocol; fd or -1
  send: {
    parameters: ["i32", "buffer", "usize", "i32"], // int fd, const void *buf, size_t n, int flags
    result: "isize", // bytes or -1 with errno set
  },
  recv: {
    parameters: ["i32", "buffer", "usize", "i32"], // int fd, void *buf, size_t n, int flags
    result: "isize", // bytes or -1 with errno set
  },
  getsockopt: {
    parameters: [
      "i32", // int fd
      "i32", // int level
      "i32", // int optname
      "buffer", // void *optval
      "buffer", // socklen_t *optlen
    ],
    result: "i32", // 0 or -1 with errno set
  },
  setsockopt: {
    parameters: [
      "i32", // int fd
      "i32", // int level
      "i32", // int optname
      "buffer", // const void *optval
      "u32", // socklen_t optlen
    ],
    result: "i32", // 0 or -1 with errno set
  },
  shutdown: { parameters: ["i32", "i32"], result: "i32" }, // int fd, int how; 0 or -1
} as const satisfies Deno.ForeignLibraryInterface;
