// What only fdinfo tells of a program or map: its memory, and whether a map is frozen.
import { readText } from "../../ffi/file.ts";

export interface Footprint {
  /** Memory that the kernel accounts for the object, in bytes. */
  readonly memoryBytes: number | null;
  /** Nobody may write to the map from user space any more; null for programs. */
  readonly frozen: boolean | null;
}

/** @since Linux 4.10 for memory, 5.2 for frozen @see proc(5) /proc/PID/fdinfo */
export function footprint(fd: number): Footprint {
  const text = readText(`/proc/self/fdinfo/${fd}`) ?? "";
  const memory = /^memlock:\s*(\d+)$/m.exec(text)?.[1];
  const frozen = /^frozen:\s*(\d)$/m.exec(text)?.[1];
  return {
    memoryBytes: memory === undefined ? null : Number(memory),
    frozen: frozen === undefined ? null : frozen === "1",
  };
}
