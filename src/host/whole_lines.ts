// A long list of the kernel's, read on another thread and handed over by the megabyte.
import { Stream } from "../../ffi/stream.ts";
import { fixedBytes } from "../../ffi/struct.ts";

/** Of kallsyms some 20 ms of the kernel's work: time to read types meanwhile. */
const FIRST_PART_BYTES = 3 << 20;
/** Time to parse the part before. */
const PART_BYTES = 1 << 20;
/** A list with longer lines is none of those that are read here. */
const MAX_LINE_BYTES = 4096;
const NEWLINE = 0x0a;
const EIO = 5;
const EFBIG = 27;

/**
 * Hands over a file's bytes in parts that end where a line does (the last one where the file does),
 * while the next part is being read; they are valid until `take` returns. 0, or a positive errno.
 */
export async function readWholeLines(
  path: string,
  take: (lines: Uint8Array) => void,
): Promise<number> {
  const opened = Stream.open(path);
  if (typeof opened === "number") return opened;
  using stream = opened;
  let current = fixedBytes(FIRST_PART_BYTES);
  let other = fixedBytes(MAX_LINE_BYTES + PART_BYTES);
  let carried = 0;
  let asked = FIRST_PART_BYTES;
  let filling = stream.fill(current);
  for (;;) {
    const count = await filling;
    if (count === null) return EIO;
    const length = carried + count;
    if (count < asked) {
      take(current.subarray(0, length));
      return 0;
    }
    const end = current.lastIndexOf(NEWLINE, length - 1) + 1;
    if (length - end > MAX_LINE_BYTES) return EFBIG;
    other.set(current.subarray(end, length));
    carried = length - end;
    asked = PART_BYTES;
    filling = stream.fill(other.subarray(carried, carried + asked));
    try {
      take(current.subarray(0, end));
    } catch (error) {
      await filling; // the stream may not be closed before
      throw error;
    }
    [current, other] = [other, current];
  }
}
