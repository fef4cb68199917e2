// Small files of procfs by the thousand: one buffer for paths, one for contents, no allocations.
import type { Fd } from "../../ffi/fd.ts";
import { libc } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { open_flags } from "../../ffi/file.ts";

const PATH_BYTES = 512;
const CONTENT_BYTES = 4096;

/** Names are looked up in a folder that is open: the kernel walks one step, not four. */
export class ProcReader {
  readonly #path = fixedBytes(PATH_BYTES);
  readonly #content = fixedBytes(CONTENT_BYTES);
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();

  /** The first 4 KiB of a file; null when it cannot be read, as when its process is gone. */
  text(folder: Fd, name: string): string | null {
    this.#setPath(name);
    const flags = open_flags.O_RDONLY | open_flags.O_CLOEXEC;
    const fd = libc().openat(folder.number, this.#path, flags, 0);
    if (fd < 0) return null;
    const length = Number(libc().read(fd, this.#content, BigInt(CONTENT_BYTES)));
    libc().close(fd);
    return length < 0 ? null : this.#decode(length);
  }

  /** Where a symbolic link leads; null when it cannot be read. */
  link(folder: Fd, name: string): string | null {
    this.#setPath(name);
    const room = BigInt(CONTENT_BYTES);
    const length = Number(libc().readlinkat(folder.number, this.#path, this.#content, room));
    return length < 0 ? null : this.#decode(length);
  }

  #setPath(path: string): void {
    const { written } = this.#encoder.encodeInto(path, this.#path.subarray(0, PATH_BYTES - 1));
    this.#path[written] = 0;
  }

  #decode(length: number): string {
    return this.#decoder.decode(this.#content.subarray(0, length));
  }
}
