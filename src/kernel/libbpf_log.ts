// What libbpf says while it works. Its print callback is process-global and costs a hop of the
// event loop per line when libbpf runs on another thread: it is set only while a failure is
// explained, and never by two at once (Loader).
import { libbpf, libc } from "../../ffi/library.ts";
import { textUntilNul } from "../../ffi/memory.ts";
import { fixedBytes } from "../../ffi/struct.ts";

const LIBBPF_DEBUG = 2;
const LINE_BYTES = 4096;
const MOST_LINES = 100;

/** libbpf's advice on EPERM is to raise RLIMIT_MEMLOCK, unneeded since 5.11: it misleads. */
const misleading = /ulimit -l|RLIMIT_MEMLOCK/;

const print_fn = {
  parameters: ["i32", "pointer", "pointer"], // enum libbpf_print_level, const char *, va_list
  result: "i32",
} as const;

/** Collects libbpf's warnings and notes from its creation until it is disposed. */
export class LibbpfLog implements Disposable {
  readonly lines: string[] = [];
  readonly #buffer = fixedBytes(LINE_BYTES);
  #callback: Deno.UnsafeCallback<typeof print_fn> | null;

  constructor() {
    this.#callback = new Deno.UnsafeCallback(
      print_fn,
      (level, format, list) => this.#take(level, format, list),
    );
    libbpf().libbpf_set_print(this.#callback.pointer);
  }

  #take(level: number, format: Deno.PointerValue, list: Deno.PointerValue): number {
    if (level >= LIBBPF_DEBUG || this.lines.length >= MOST_LINES) return 0;
    const size = BigInt(this.#buffer.length);
    const length = libc().vsnprintf(this.#buffer, size, format, list);
    for (const line of textUntilNul(this.#buffer).split("\n")) {
      const text = line.replace(/^libbpf: /, "").trimEnd();
      if (text !== "" && !misleading.test(text)) this.lines.push(text);
    }
    return length;
  }

  [Symbol.dispose](): void {
    const callback = this.#callback;
    if (callback === null) return;
    this.#callback = null;
    libbpf().libbpf_set_print(null);
    callback.close();
  }
}

/** Silences libbpf, which otherwise writes its warnings to stderr. */
export function silenceLibbpf(): void {
  libbpf().libbpf_set_print(null);
}
