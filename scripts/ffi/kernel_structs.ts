// The running kernel's BTF as a source of struct layouts.
import type { FieldLayout } from "../../ffi/struct.ts";
import { Btf, type TypeId } from "../../src/btf/btf.ts";
import type { StructFacts, StructSource } from "./compare_layouts.ts";

const VMLINUX = "/sys/kernel/btf/vmlinux";

/** UAPI structs (`linux/…`) as the running kernel has them; null where it tells no BTF. */
export async function readKernelStructs(): Promise<StructSource | null> {
  try {
    return kernelStructs(Btf.parse(await Deno.readFile(VMLINUX)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function kernelStructs(btf: Btf): StructSource {
  return {
    name: "vmlinux BTF",
    headersOf: () => undefined,
    find({ name, header, keyword = "struct" }): StructFacts | undefined {
      if (!header.startsWith("linux/")) return undefined;
      const id = btf.find(name, keyword).find((id) => btf.sizeOf(id) > 0);
      if (id === undefined) return undefined;
      const size = btf.sizeOf(id);
      const members = btf.members(id).map(({ type, bitOffset, bitSize }) =>
        bitSize === 0 ? bitOffset / 8 + btf.sizeOf(type) : Math.ceil((bitOffset + bitSize) / 8)
      );
      // BTF has no alignment; UAPI structs are padded to 4 or 8 bytes.
      const alignment = size % 8 === 0 ? 8 : 4;
      return { size, alignment, memberEnds: members, member: (path) => locate(btf, id, path) };
    },
  };
}

/** A member by its C designator, through anonymous structs and unions as C allows. */
function locate(btf: Btf, struct: TypeId, designator: string): FieldLayout | undefined {
  const [name = "", ...rest] = designator.split(".");
  for (const member of btf.members(struct)) {
    const type = btf.resolve(member.type);
    const kind = btf.kind(type);
    const nested = kind === "struct" || kind === "union";
    let inner: FieldLayout | undefined;
    if (member.name === name && rest.length === 0 && member.bitSize === 0) {
      inner = [0, btf.sizeOf(type)];
    } else if (member.name === name && nested) {
      inner = locate(btf, type, rest.join("."));
    } else if (member.name === "" && nested) {
      inner = locate(btf, type, designator);
    }
    if (inner !== undefined) return [member.bitOffset / 8 + inner[0], inner[1]];
  }
  return undefined;
}
