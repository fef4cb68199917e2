// One type by its name, whole: what the resource bpf://btf/{type} shows.
import { cText } from "../../btf/c_text.ts";
import type { TypeCatalogue } from "../../btf/type_catalogue.ts";
import { nearTypeNames, typesNamed } from "../../btf/type_search.ts";
import { resourceError } from "../../errors.ts";
import type { KernelTypes } from "../../kernel/kernel_types.ts";
import { headOf, type Part, partsOf, type TypeRow } from "./type_row.ts";

/** Parts that are given; what a struct has beyond them get_btf_types pages through. */
const MOST_PARTS = 4096;
const NEAREST = 5;

/** Every type of the kernel called `name`: `task_struct`, `struct task_struct`, `vfs_read`. */
export interface DescribedTypes {
  readonly source: string;
  readonly types: readonly TypeRow[];
}

/**
 * What `name` means, with all its members, values or parameters.
 * @throws resource/resource_not_found, kernel/feature_missing
 */
export function describeTypeAsJson(types: KernelTypes, name: string): DescribedTypes {
  const catalogue = types.vmlinux();
  const rows = idsOf(catalogue, name).map((id) => {
    const parts = partsOf(catalogue, id, 1);
    if (parts === null) return headOf(catalogue, id);
    const count = Math.min(parts.total, MOST_PARTS);
    const list: Part[] = Array.from({ length: count }, (_, index) => parts.part(index));
    return { ...headOf(catalogue, id), [parts.key]: list, parts_total: parts.total };
  });
  return { source: "vmlinux", types: rows };
}

/**
 * The same as C text that compiles alone, with the layout that the kernel has.
 * @throws resource/resource_not_found, kernel/feature_missing, resource/limit_exceeded
 */
export function describeTypeAsC(types: KernelTypes, name: string): string {
  const catalogue = types.vmlinux();
  return cText(catalogue.btf, idsOf(catalogue, name));
}

/** At most `count` names that begin with `start`, sorted: for completion. */
export function completeTypeName(types: KernelTypes, start: string, count: number): string[] {
  if (start === "") return [];
  const catalogue = types.vmlinux();
  const ids = catalogue.names.matching((name) => name.startsWith(start), start);
  const names = new Set(ids.map((id) => catalogue.btf.name(id)));
  return [...names].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, count);
}

function idsOf(catalogue: TypeCatalogue, name: string): readonly number[] {
  const ids = typesNamed(catalogue, name);
  if (ids.length > 0) return ids;
  const nearest = nearTypeNames(catalogue, name, NEAREST);
  const hint = nearest.length === 0 ? "" : `; near it are ${nearest.join(", ")}`;
  throw resourceError("resource_not_found", `Cannot find type "${name}"${hint}`, {
    type: name,
    nearest,
  });
}
