// How a path through types is written: "struct task_struct.mm->exe_file.fdt[3].name".
import { validationError } from "../errors.ts";

const MAX_STEPS = 64;

export type PathStep =
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "element"; readonly index: number };

export interface ParsedPath {
  /** The type that it begins with: `task_struct`, `struct task_struct`. */
  readonly name: string;
  readonly steps: readonly PathStep[];
}

/** @throws validation/invalid_arguments where it is not a path */
export function parsePath(path: string): ParsedPath {
  const [whole = "", name = ""] = /^\s*((?:(?:struct|union)\s+)?\w+)/.exec(path) ?? [];
  if (name === "") throw refused(path, "it begins with no type");
  const steps: PathStep[] = [];
  const step = /\s*(?:(?:\.|->)\s*(\w+)|\[\s*(\d{1,9})\s*\])\s*/y;
  step.lastIndex = whole.length;
  while (step.lastIndex < path.length) {
    const at = step.lastIndex;
    const found = step.exec(path);
    if (found === null) throw refused(path, `"${path.slice(at, at + 20)}" is no member or [index]`);
    if (steps.length === MAX_STEPS) throw refused(path, `it has more than ${MAX_STEPS} steps`);
    const [, member, index] = found;
    steps.push(
      member === undefined
        ? { kind: "element", index: Number(index) }
        : { kind: "member", name: member },
    );
  }
  return { name, steps };
}

function refused(path: string, why: string): Error {
  return validationError("invalid_arguments", `Cannot read the path "${path}": ${why}`, {
    arguments: ["path"],
    hint: "A type, then members by dots or arrows: task_struct.mm.exe_file.f_path.dentry",
  });
}
