// What a program's section says of its attachment, where we attach it ourselves.
import type { AttachSpec } from "./spec.ts";

/** The attachment that the section names; null where libbpf knows better, or nobody does. */
export function sectionSpec(section: string): AttachSpec | null {
  const [, kind = "", rest = ""] = /^\??([\w.]+)\/(.+)$/.exec(section) ?? [];
  switch (kind) {
    case "kprobe":
    case "kretprobe": {
      const [, name, offset] = /^([\w.]+)(?:\+(0x[\da-f]+|\d+))?$/i.exec(rest) ?? [];
      if (name === undefined) return null;
      const spec = { type: kind, function: name } as const;
      return offset === undefined ? spec : { ...spec, offset: Number(offset) };
    }
    case "kprobe.multi":
    case "kretprobe.multi":
      return { type: "kprobe_multi", glob: rest };
    case "lsm":
    case "lsm.s":
      return { type: "lsm", hook: rest };
    case "usdt":
    case "usdt.s": {
      const [, path, provider, name] = /^([^:]+):([^:]+):([^:]+)$/.exec(rest) ?? [];
      if (path === undefined || provider === undefined || name === undefined) return null;
      return { type: "usdt", path, provider, name };
    }
    default:
      return null;
  }
}

/** Sections of libbpf's that end in a kprobe on a system call's function. */
export function isSystemCall(section: string): boolean {
  return /^\??k(?:ret)?syscall\//.test(section);
}
