// A file of the kernel's that takes long to read (kallsyms: 40 ms), read off the main thread. One
// read(2) of such a file gives 4 KiB, and a call off the thread costs 30 microseconds: so stdio,
// which repeats read until a large buffer is full.
import { errno } from "./errno.ts";
import { libc } from "./library.ts";
import { cString } from "./memory.ts";

/** Read, and close-on-exec. */
const MODE = "re";

export class Stream implements Disposable {
  #file: Deno.PointerObject | null;

  private constructor(file: Deno.PointerObject) {
    this.#file = file;
  }

  /** Opens `path` for reading, or gives a positive errno. @see fopen(3) */
  static open(path: string): Stream | number {
    const file = libc().fopen(cString(path), cString(MODE));
    return file === null ? errno() : new Stream(file);
  }

  /**
   * Fills the buffer, on another thread; answers how many bytes: fewer at the file's end. Null when
   * the kernel refuses. The buffer is C's until then, and so is the stream: one read at a time, and
   * no dispose before its answer. @see fread(3)
   */
  async fill(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const file = this.#file;
    if (file === null) return null;
    const count = await libc().fread_async(buffer, 1n, BigInt(buffer.length), file);
    return libc().ferror(file) === 0 ? Number(count) : null;
  }

  [Symbol.dispose](): void {
    const file = this.#file;
    if (file === null) return;
    this.#file = null; // first, so that a second dispose cannot close twice
    libc().fclose(file);
  }
}
