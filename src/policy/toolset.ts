// The five kinds of eBPF work; each tool belongs to one.

/** The toolsets, in the order in which one works. */
export const toolsets = ["deploy", "control", "reflect", "stream", "map_op"] as const;

export type Toolset = typeof toolsets[number];

export function isToolset(text: string): text is Toolset {
  return toolsets.some((toolset) => toolset === text);
}
