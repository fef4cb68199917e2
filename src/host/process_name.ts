// What a process calls itself.
import { readText } from "../../ffi/file.ts";
import { visibleLine } from "../view/text.ts";

/** The process's name as it is now, control characters escaped; "" when there is none such. */
export function processName(pid: number): string {
  return visibleLine(readText(`/proc/${pid}/comm`) ?? "");
}
