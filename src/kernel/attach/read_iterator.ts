// What an iterator writes: it runs over the kernel's objects each time that it is read.
import { errno } from "../../../ffi/errno.ts";
import { Fd } from "../../../ffi/fd.ts";
import { libbpf, libc } from "../../../ffi/library.ts";
import { fixedBytes } from "../../../ffi/struct.ts";
import { kernelError } from "../../errors.ts";

/** What one read gives at most is a page or some; this is more. */
const CHUNK_BYTES = 64 << 10;

export interface IteratorOutput {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** It had more to write. */
  readonly truncated: boolean;
}

/**
 * Reads an iterator from its begin.
 * @param linkFd descriptor of the iterator's link
 * @throws file_read_failed with the errno of the iterator
 * @since Linux 5.8
 */
export function readIterator(linkFd: number, mostBytes: number): IteratorOutput {
  const fd = libbpf().bpf_iter_create(linkFd);
  if (fd < 0) throw kernelError("file_read_failed", "Cannot open the iterator", -fd);
  using iterator = new Fd(fd);
  const kept = fixedBytes(mostBytes);
  const chunk = fixedBytes(CHUNK_BYTES);
  let length = 0;
  for (;;) {
    const count = Number(libc().read(iterator.number, chunk, BigInt(chunk.length)));
    if (count < 0) throw kernelError("file_read_failed", "Cannot read the iterator", errno());
    const room = mostBytes - length;
    kept.set(chunk.subarray(0, Math.min(count, room)), length);
    length += Math.min(count, room);
    if (count === 0 || count > room) return { bytes: kept.slice(0, length), truncated: count > 0 };
  }
}
