// Which BTF is asked: the kernel's, a module's, or a loaded object's.
import type { TypeCatalogue } from "../../btf/type_catalogue.ts";
import { EBPFError, validationError } from "../../errors.ts";
import type { KernelTypes } from "../../kernel/kernel_types.ts";

/** Modules that are looked into for a name that the kernel itself does not have. */
const MOST_MODULES = 256;

export interface TypeSource {
  readonly catalogue: TypeCatalogue;
  /** `vmlinux`, a module's name, or `btf 12`. */
  readonly name: string;
}

export interface SourceChoice {
  readonly module?: string;
  readonly btf_id?: number;
}

/**
 * @throws validation/invalid_arguments for both, resource/btf_not_found
 * @throws kernel/feature_missing, permission/not_permitted
 */
export function openSource(types: KernelTypes, { module, btf_id }: SourceChoice): TypeSource {
  if (module !== undefined && btf_id !== undefined) {
    throw validationError("invalid_arguments", "get_btf_types takes module or btf_id, not both", {
      arguments: ["module", "btf_id"],
    });
  }
  if (btf_id !== undefined) {
    const { catalogue, name } = types.object(btf_id);
    return { catalogue, name: name === "" ? `btf ${btf_id}` : name };
  }
  if (module !== undefined && module !== "vmlinux") {
    return { catalogue: types.module(module), name: module };
  }
  return { catalogue: types.vmlinux(), name: "vmlinux" };
}

/** Modules that have a type of just this name; none for a pattern. */
export function modulesWith(types: KernelTypes, pattern: string): string[] {
  const name = pattern.replace(/^(struct|union|enum)\s+/, "");
  if (!/^\w+$/.test(name)) return [];
  return types.modules().slice(0, MOST_MODULES).filter((module) => {
    try {
      const { btf } = types.module(module);
      return btf.find(name).some((id) => id >= btf.firstId);
    } catch (error) {
      if (error instanceof EBPFError) return false; // unloaded meanwhile
      throw error;
    }
  });
}
