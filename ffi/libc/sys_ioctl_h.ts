// sys/ioctl.h

export const sys_ioctl_h = {
  ioctl: {
    parameters: ["i32", "u64", "buffer"], // int fd, unsigned long request, a pointer or NULL
    result: "i32", // or -1 with errno set
  },
  ioctl_value: {
    name: "ioctl",
    parameters: ["i32", "u64", "u64"], // int fd, unsigned long request, a number
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;
