// Small files of procfs by the thousand: one buffer for paths, one for contents, no allocations.
import { errno } from "../../ffi/errno.ts";
import type { Fd } from "../../ffi/fd.ts";
import { libc } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { open_flags } from "../../ffi/file.ts";

const NAME_BYTES = 128;
const CONTENT_BYTES = 4096;
const ROOM = BigInt(CONTENT_BYTES);
const flags = open_flags.O_RDONLY | open_flags.O_CLOEXEC;

/**
 * Names are looked up in a folder that is open: the kernel walks one step, not four. They are those
 * that procfs gives: letters and digits, not longer than 127.
 */
export class ProcReader {
  readonly #name = fixedBytes(NAME_BYTES);
  readonly #content = fixedBytes(CONTENT_BYTES);
  readonly #decoder = new TextDecoder();

  /** The first 4 KiB of a file; null when it cannot be read, as when its process is gone. */
  text(folder: Fd, name: string): string | null {
    this.#setName(name);
    const c = libc();
    const fd = c.openat(folder.number, this.#name, flags, 0);
    if (fd < 0) return null;
    const length = Number(c.read(fd, this.#content, ROOM));
    c.close(fd);
    return length < 0 ? null : this.#decode(length);
  }

  /** Where a symbolic link leads, or a positive errno. */
  link(folder: Fd, name: string): string | number {
    this.#setName(name);
    const length = Number(libc().readlinkat(folder.number, this.#name, this.#content, ROOM));
    return length < 0 ? errno() : this.#decode(length);
  }

  #setName(name: string): void {
    const length = Math.min(name.length, NAME_BYTES - 1);
    for (let i = 0; i < length; i++) this.#name[i] = name.charCodeAt(i);
    this.#name[length] = 0;
  }

  #decode(length: number): string {
    return this.#decoder.decode(this.#content.subarray(0, length));
  }
}
