// sched.h

export const sched_h = {
  setns: { parameters: ["i32", "i32"], result: "i32" }, // int fd, int nstype; 0 or -1, this thread
} as const satisfies Deno.ForeignLibraryInterface;
