// Waiting for the kernel to let go. A program on a raw tracepoint, and with it its maps, is freed
// a grace period after its link was closed: the descriptors are gone before the ids are.
import { EBPFError } from "../errors.ts";
import { openById } from "../kernel/ids.ts";

export type ReleasedKind = "program" | "map" | "link";

export interface Released {
  readonly kind: ReleasedKind;
  readonly id: number;
}

const EAGAIN = 11;
/** A grace period takes some 10 ms, of sleepable programs 300, and more on a busy host. */
const PATIENCE_MS = 1_000;
const LOOK_AGAIN_MS = 2;

/** Whether the kernel has no object of this id any more; null when we may not look. */
export function isGone(kind: ReleasedKind, id: number): boolean | null {
  try {
    using _fd = openById(kind, id);
    return false;
  } catch (error) {
    if (!(error instanceof EBPFError)) throw error;
    if (error.context.errno === EAGAIN) return false; // a link that is being attached
    return error.category === "resource" ? true : null;
  }
}

/** Waits until the kernel has none of these, at most a second: others may hold them too. */
export async function untilGone(released: readonly Released[]): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  let left = released.filter(({ kind, id }) => isGone(kind, id) === false);
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    left = left.filter(({ kind, id }) => isGone(kind, id) === false);
  }
}
