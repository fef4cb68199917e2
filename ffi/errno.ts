// errno of the JS thread. Read it straight after the call that failed; a nonblocking call leaves
// its errno on another thread.
import { libc } from "./library.ts";

/** The positive errno that the last failed call on this thread left. */
export function errno(): number {
  const location = libc().__errno_location();
  return location === null ? 0 : new Deno.UnsafePointerView(location).getInt32();
}
