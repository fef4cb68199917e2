// sys/resource.h

export const sys_resource_h = {
  getrlimit: {
    parameters: ["u32", "buffer"], // enum __rlimit_resource resource, struct rlimit *rlim
    result: "i32", // 0 or -1 with errno set
  },
  setrlimit: {
    parameters: ["u32", "buffer"], // enum __rlimit_resource, const struct rlimit *rlimits
    result: "i32", // 0 or -1 with errno set
  },
} as const satisfies Deno.ForeignLibraryInterface;
