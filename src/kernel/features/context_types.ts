// What programs get as their context: `struct bpf_ctx_convert` of vmlinux BTF pairs, for each
// program type of the kernel, the type that programs see with the kernel's own.
import type { Btf } from "../../btf/btf.ts";
import { typeText } from "../../btf/type_text.ts";

export interface ContextType {
  /** What programs see: `struct __sk_buff`; `void *` where it depends on the hook. */
  readonly program: string;
  /** What the kernel keeps there: `struct sk_buff`. */
  readonly kernel: string;
}

const MEMBER = /^BPF_PROG_TYPE_(\w+)_(prog|kern)$/;

/** By name of the program type. @since Linux 5.4 */
export function contextTypes(btf: Btf): ReadonlyMap<string, ContextType> {
  const [id] = btf.find("bpf_ctx_convert", "struct");
  const types = new Map<string, ContextType>();
  for (const { name, type } of id === undefined ? [] : btf.members(id)) {
    const [, program = "", side] = MEMBER.exec(name) ?? [];
    if (program === "") continue;
    const key = program.toLowerCase();
    const before = types.get(key) ?? { program: "", kernel: "" };
    const text = typeText(btf, type);
    types.set(key, side === "prog" ? { ...before, program: text } : { ...before, kernel: text });
  }
  return types;
}
