// Bytes as a file that only this process has, for C code that takes a path.
import { errno } from "../../ffi/errno.ts";
import { Fd } from "../../ffi/fd.ts";
import { libc } from "../../ffi/library.ts";
import { cString } from "../../ffi/memory.ts";
import { kernelError } from "../errors.ts";

const MFD_CLOEXEC = 1;

/** Calls `use` with a path that reads as `bytes`, valid until it is done; null stays null. */
export async function withMemoryFile<T>(
  bytes: Uint8Array<ArrayBuffer> | null,
  use: (path: string | null) => Promise<T>,
): Promise<T> {
  if (bytes === null) return await use(null);
  using file = memoryFile(bytes);
  return await use(`/proc/self/fd/${file.number}`);
}

function memoryFile(bytes: Uint8Array<ArrayBuffer>): Fd {
  using owned = new DisposableStack();
  const file = owned.use(new Fd(libc().memfd_create(cString("ebpf-mcp"), MFD_CLOEXEC)));
  for (let done = 0; done < bytes.length;) {
    const rest = bytes.subarray(done);
    const count = Number(libc().write(file.number, rest, BigInt(rest.length)));
    if (count <= 0) throw kernelError("file_read_failed", "Cannot hold a file in memory", errno());
    done += count;
  }
  owned.move();
  return file;
}
