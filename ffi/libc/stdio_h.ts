// stdio.h

export const stdio_h = {
  vsnprintf: {
    // char *s, size_t maxlen, const char *format, va_list arg: passed as a pointer on both ABIs
    parameters: ["buffer", "usize", "pointer", "pointer"],
    result: "i32", // characters that it took, without the NUL
  },
} as const satisfies Deno.ForeignLibraryInterface;
