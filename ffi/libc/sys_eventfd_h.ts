// sys/eventfd.h

export const sys_eventfd_h = {
  eventfd: { parameters: ["u32", "i32"], result: "i32" }, // unsigned int count, int flags; fd or -1
} as const satisfies Deno.ForeignLibraryInterface;
