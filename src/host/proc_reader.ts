// Small files of procfs by the thousand: one buffer for paths, one for contents, no allocations.
import { libc } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { open_flags } from "../../ffi/file.ts";

const PATH_BYTES = 512;
const CONTENT_BYTES = 4096;

export class ProcReader {
  readonly #path = fixedBytes(PATH_BYTES);
  readonly #content = fixedBytes(CONTENT_BYTES);
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();

  /** The first 4 KiB of a file; null when it cannot be read, as when its process is gone. */
  text(path: string): string | null {
    this.#setPath(path);
    const flags = open_flags.O_RDONLY | open_flags.O_CLOEXEC;
    const fd = libc().open(this.#path, flags, 0);
    if (fd < 0) return null;
    const length = Number(libc().read(fd, this.#content, BigInt(CONTENT_BYTES)));
    libc().close(fd);
    return length < 0 ? null : this.#decode(length);
  }

  /** Where a symbolic link leads; null when it cannot be read. */
  link(path: string): string | null {
    this.#setPath(path);
    const length = Number(libc().readlink(this.#path, this.#content, BigInt(CONTENT_BYTES)));
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
