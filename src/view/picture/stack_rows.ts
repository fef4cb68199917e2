// Rows of a table that have the frames of their stacks in words, as stacks for a picture.
import type { CountedStack, FrameKind, StackFrame } from "./flame_tree.ts";

type Row = Readonly<Record<string, unknown>>;

/**
 * The stack of each row, the outermost caller first: the thread's name (`comm`), then the frames of
 * its program (`user_frames`), then those of the kernel (`kernel_frames`), which the row has with
 * the innermost first. Rows with the same stack are put together; those that weigh nothing, or have
 * no frames, are left out.
 *
 * @param weight the field that says how much a row counts, such as `count` or `total_ns`
 */
export function foldStacks(rows: readonly Row[], weight: string): CountedStack[] {
  const stacks = new Map<string, { frames: StackFrame[]; count: number }>();
  for (const row of rows) {
    const count = Number(row[weight]);
    const user = framesOf(row.user_frames, "user");
    const kernel = framesOf(row.kernel_frames, "kernel");
    if (!(count > 0) || user.length + kernel.length === 0) continue;
    const thread = typeof row.comm === "string" ? [frame(row.comm, "other")] : [];
    const frames = [...thread, ...user, ...kernel];
    const key = JSON.stringify(frames);
    const known = stacks.get(key);
    if (known === undefined) stacks.set(key, { frames, count });
    else known.count += count;
  }
  return [...stacks.values()].sort((one, other) => other.count - one.count);
}

/** What stands for a stack that the kernel does not have says nothing in a picture. */
const NO_FRAME = /^\[(none|gone)\]$/;

function framesOf(value: unknown, kind: FrameKind): StackFrame[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((name) => typeof name === "string" && !NO_FRAME.test(name))
    .map((name) => frame(String(name), kind))
    .reverse();
}

/** `libfoo.so+0x1234 [no symbols]`: each place would be a frame of its own, so all are one. */
const PLACE = /^(.*?)(?:\+?0x[0-9a-f]+) (\[[a-z ]+\])$/;

function frame(name: string, kind: FrameKind): StackFrame {
  return { name: name.replace(PLACE, (_, module, why) => `${module} ${why}`.trim()), kind };
}
