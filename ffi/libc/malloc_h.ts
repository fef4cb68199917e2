// malloc.h

export const malloc_h = {
  mallopt: { parameters: ["i32", "i32"], result: "i32" }, // int param, int val; 0 on error
  malloc_trim: { parameters: ["usize"], result: "i32" }, // size_t pad; 1 when memory was released
} as const satisfies Deno.ForeignLibraryInterface;
