// fcntl.h

export const fcntl_h = {
  open: {
    parameters: ["buffer", "i32", "i32"], // const char *file, int oflag, mode_t mode
    result: "i32", // fd or -1 with errno set
  },
} as const satisfies Deno.ForeignLibraryInterface;
