// stdio.h

export const stdio_h = {
  fclose: { parameters: ["pointer"], result: "i32" }, // FILE *stream; 0 or EOF with errno set
  fopen: {
    parameters: ["buffer", "buffer"], // const char *filename, const char *modes
    result: "pointer", // NULL on failure with errno set
  },
  vsnprintf: {
    // char *s, size_t maxlen, const char *format, va_list arg: passed as a pointer on both ABIs
    parameters: ["buffer", "usize", "pointer", "pointer"],
    result: "i32", // characters that it took, without the NUL
  },
  fread_async: {
    name: "fread",
    nonblocking: true, // it tells an error by ferror, not by errno alone
    parameters: ["buffer", "usize", "usize", "pointer"], // void *ptr, size_t size, size_t n, FILE *
    result: "u64", // whole items; fewer at the end and on errors
  },
  ferror: { parameters: ["pointer"], result: "i32" }, // FILE *stream; not 0 after an error
} as const satisfies Deno.ForeignLibraryInterface;
