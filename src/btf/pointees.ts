// What the members of types point to: the structs that a program which follows them needs whole.
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";
import { listMembers } from "./member_list.ts";
import { coreOf } from "./member_users.ts";

/**
 * `types` and the structs and unions that their members point to, then what those point to, for
 * `levels` pointers; at most `most` in all, the nearest first.
 *
 * @throws validation/invalid_btf, resource/limit_exceeded as listMembers
 */
export function withPointees(
  btf: Btf,
  types: readonly TypeId[],
  levels: number,
  most: number,
): TypeId[] {
  const found = new Set(types);
  let last = types;
  for (let level = 0; level < levels && found.size < most; level++) {
    const before = found.size;
    for (const type of last.flatMap((id) => pointees(btf, id))) {
      if (found.size < most) found.add(type);
    }
    last = [...found].slice(before);
  }
  return [...found];
}

function pointees(btf: Btf, id: TypeId): TypeId[] {
  const type = btf.resolve(id);
  if (!isRecord(btf, type)) return [];
  return listMembers(btf, type, 1).flatMap((member) => {
    const core = coreOf(btf, member.type);
    if (core.through !== "pointer") return [];
    if (isRecord(btf, core.type)) return [core.type];
    if (btf.kind(core.type) !== "fwd") return [];
    return btf.find(btf.name(core.type), btf.forward(core.type)).slice(0, 1);
  });
}

function isRecord(btf: Btf, type: TypeId): boolean {
  const kind = btf.kind(type);
  return (kind === "struct" || kind === "union") && btf.isNamed(type);
}
