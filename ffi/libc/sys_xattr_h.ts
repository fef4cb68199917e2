// sys/xattr.h

export const sys_xattr_h = {
  getxattr: {
    // const char *path, const char *name, void *value, size_t size
    parameters: ["buffer", "buffer", "buffer", "usize"],
    result: "isize", // bytes of the value, or -1 with errno set
  },
} as const satisfies Deno.ForeignLibraryInterface;
