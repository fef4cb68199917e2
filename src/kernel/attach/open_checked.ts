// Files and folders that a request names, opened only once they are known to be what is wanted:
// opening a FIFO waits for a writer, and opening a device can already do something.
import type { Fd } from "../../../ffi/fd.ts";
import { open_flags, openFile, statFd } from "../../../ffi/file.ts";
import { type EBPFError, kernelError, resourceError, validationError } from "../../errors.ts";

const ENOENT = 2;
const ENOTDIR = 20;

/**
 * Opens `path` for reading; the caller closes it.
 * @throws file_not_found, not_a_regular_file, invalid_arguments (no directory), file_read_failed
 */
export function openChecked(path: string, wanted: "regular" | "directory"): Fd {
  const found = openFile(path, open_flags.O_PATH);
  if (typeof found === "number") throw openError(path, found);
  using owned = found;
  const status = statFd(owned);
  if (typeof status === "number") throw openError(path, status);
  if (status.kind !== wanted) {
    const code = wanted === "regular" ? "not_a_regular_file" : "invalid_arguments";
    const noun = wanted === "regular" ? "a file" : "a directory";
    throw validationError(code, `"${path}" is a ${status.kind}, wanted ${noun}`, {
      path,
      kind: status.kind,
    });
  }
  const opened = openFile(`/proc/self/fd/${owned.number}`, open_flags.O_RDONLY);
  if (typeof opened === "number") throw openError(path, opened);
  return opened;
}

function openError(path: string, failure: number): EBPFError {
  if (failure !== ENOENT && failure !== ENOTDIR) {
    return kernelError("file_read_failed", `Cannot open "${path}"`, failure, { path });
  }
  return resourceError("file_not_found", `There is no "${path}"`, {
    path,
    errno: failure,
    errno_name: failure === ENOENT ? "ENOENT" : "ENOTDIR",
    hint: "give a path that exists on this host",
  });
}
