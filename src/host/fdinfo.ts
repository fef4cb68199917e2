// /proc/PID/fdinfo/FD: which BPF object a descriptor holds.

export const heldKinds = ["program", "map", "link", "btf"] as const;
export type HeldKind = typeof heldKinds[number];

export interface HeldObject {
  readonly kind: HeldKind;
  readonly id: number;
}

/** A link names its program too, so that it must be looked for first. */
const lines: readonly (readonly [HeldKind, RegExp])[] = [
  ["link", /^link_id:\s*(\d+)$/m],
  ["map", /^map_id:\s*(\d+)$/m],
  ["program", /^prog_id:\s*(\d+)$/m],
  ["btf", /^btf_id:\s*(\d+)$/m],
];

/** The BPF object of a descriptor, or null when it holds none. */
export function parseFdinfo(text: string): HeldObject | null {
  for (const [kind, pattern] of lines) {
    const id = pattern.exec(text)?.[1];
    if (id !== undefined && Number(id) > 0) return { kind, id: Number(id) };
  }
  return null;
}
