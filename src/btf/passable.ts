// Whether a program at a function of the kernel can be given the function's arguments.
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";

/** The kernel's MAX_BPF_FUNC_ARGS. */
const MOST_ARGUMENTS = 12;
/** A struct passed by value may take two registers. */
const MOST_BYTES = 16;

/** Whether fentry takes the function's prototype. @see btf_distill_func_proto in the kernel */
export function isPassable(btf: Btf, func: TypeId): boolean {
  const prototype = btf.pointee(func);
  const result = btf.resolve(btf.pointee(prototype));
  if (result !== 0 && !isScalar(btf, result)) return false;
  const parameters = btf.parameters(prototype);
  if (parameters.length > MOST_ARGUMENTS) return false;
  return parameters.every(({ type }) => {
    if (type === 0) return false; // variable arguments
    const argument = btf.resolve(type);
    const kind = btf.kind(argument);
    const isWhole = kind === "struct" || kind === "union";
    return isScalar(btf, argument) || (isWhole && btf.sizeOf(argument) <= MOST_BYTES);
  });
}

function isScalar(btf: Btf, type: TypeId): boolean {
  return ["ptr", "int", "enum", "enum64"].includes(btf.kind(type));
}
