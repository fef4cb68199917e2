// UAPI enums as number and name: what the running kernel's BTF has, and what our tables have more.
import type { Btf } from "../../btf/btf.ts";
import { helpers } from "../uapi_helpers.ts";
import { attachTypes, mapTypes, programTypes } from "../uapi_types.ts";

export interface NumberedName {
  readonly number: number;
  readonly name: string;
}

interface UapiEnum {
  /** C name without `enum`. */
  readonly name: string;
  /** What every enumerator begins with. */
  readonly prefix: string;
  readonly known: readonly string[];
}

/** Enums that probes walk. */
export const uapiEnums = {
  programType: { name: "bpf_prog_type", prefix: "BPF_PROG_TYPE_", known: programTypes },
  mapType: { name: "bpf_map_type", prefix: "BPF_MAP_TYPE_", known: mapTypes },
  attachType: { name: "bpf_attach_type", prefix: "BPF_", known: attachTypes },
  helper: { name: "bpf_func_id", prefix: "BPF_FUNC_", known: helpers },
} as const satisfies Record<string, UapiEnum>;

/** Every enumerator by rising number, in small letters without prefix; not `unspec`. */
export function numberedNames(of: UapiEnum, btf: Btf | null): NumberedName[] {
  const names = new Map<number, string>(of.known.entries());
  for (const [number, name] of kernelNames(of, btf)) {
    if (!names.has(number)) names.set(number, name);
  }
  return [...names].filter(([, name]) => name !== "unspec").sort(([a], [b]) => a - b)
    .map(([number, name]) => ({ number, name }));
}

/** Numbers that the running kernel has; null where it has no BTF to tell. */
export function kernelNumbers(of: UapiEnum, btf: Btf | null): ReadonlySet<number> | null {
  const names = kernelNames(of, btf);
  return names.size === 0 ? null : new Set(names.keys());
}

function kernelNames(of: UapiEnum, btf: Btf | null): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const [id] = btf?.find(of.name, "enum", "enum64") ?? [];
  for (const { name, value } of id === undefined ? [] : btf?.enumerators(id) ?? []) {
    if (!name.startsWith(of.prefix)) continue;
    names.set(Number(value), name.slice(of.prefix.length).toLowerCase());
  }
  return names;
}
