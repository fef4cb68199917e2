// Stacks with counts as a tree: what shares its callers shares its frames.

export type FrameKind = "kernel" | "user" | "other";

export interface StackFrame {
  /** The function's name, or what stands for it; hostile. */
  readonly name: string;
  readonly kind: FrameKind;
}

/** One stack, the outermost caller first, and how often it was seen. */
export interface CountedStack {
  readonly frames: readonly StackFrame[];
  readonly count: number;
}

export interface FlameNode {
  readonly frame: StackFrame;
  /** Of this frame and everything below it in the stack. */
  count: number;
  /** By kind and name. */
  readonly callees: Map<string, FlameNode>;
}

/** The tree over all stacks; its root stands for all of them and is no frame of theirs. */
export function flameTree(stacks: readonly CountedStack[]): FlameNode {
  const root = node({ name: "all", kind: "other" });
  for (const { frames, count } of stacks) {
    root.count += count;
    let parent = root;
    for (const frame of frames) {
      const key = `${frame.kind} ${frame.name}`;
      const known = parent.callees.get(key) ?? node(frame);
      parent.callees.set(key, known);
      known.count += count;
      parent = known;
    }
  }
  return root;
}

function node(frame: StackFrame): FlameNode {
  return { frame, count: 0, callees: new Map() };
}

/** Callees by name: the same stacks give the same picture. */
export function sortedCallees({ callees }: FlameNode): readonly FlameNode[] {
  return [...callees].sort(([one], [other]) => one < other ? -1 : 1).map(([, callee]) => callee);
}
