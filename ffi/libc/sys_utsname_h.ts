// sys/utsname.h

export const sys_utsname_h = {
  uname: { parameters: ["buffer"], result: "i32" }, // struct utsname *name; 0 or -1
} as const satisfies Deno.ForeignLibraryInterface;
