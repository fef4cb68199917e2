// errno.h

export const errno_h = {
  __errno_location: { parameters: [], result: "pointer" }, // int *: this thread's errno
} as const satisfies Deno.ForeignLibraryInterface;
