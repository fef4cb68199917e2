// fcntl.h

export const fcntl_h = {
  fcntl: {
    parameters: ["i32", "i32", "i32"], // int fd, int cmd, and an int where the command wants one
    result: "i32", // what the command answers, or -1 with errno set
  },
  open: {
    parameters: ["buffer", "i32", "u32"], // const char *file, int oflag, mode_t mode
    result: "i32", // fd or -1 with errno set
  },
  openat: {
    parameters: ["i32", "buffer", "i32", "u32"], // int fd, const char *file, int oflag, mode_t mode
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;
