// A function as C text, with the names of its parameters: "int kill(pid_t pid, int signal)".
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";
import { declarationText } from "./type_text.ts";

/** Parameters that are spelled out; C code stays far below. */
const MAX_PARAMETERS = 64;

/** The prototype of a function (BTF_KIND_FUNC), or of a FUNC_PROTO, which has no name. */
export function prototypeText(btf: Btf, id: TypeId): string {
  const isFunction = btf.kind(id) === "func";
  const name = isFunction ? btf.name(id) : "";
  const prototype = isFunction ? btf.pointee(id) : id;
  if (btf.kind(prototype) !== "func_proto") return declarationText(btf, prototype, name);
  const parameters = btf.parameters(prototype);
  const texts = parameters.slice(0, MAX_PARAMETERS).map((parameter) => {
    return parameter.type === 0 ? "..." : declarationText(btf, parameter.type, parameter.name);
  });
  if (parameters.length > MAX_PARAMETERS) texts.push("…");
  const list = texts.length === 0 ? "void" : texts.join(", ");
  return declarationText(btf, btf.pointee(prototype), `${name}(${list})`);
}
