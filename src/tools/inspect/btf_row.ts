// A BTF object as inspect_state shows it.
import * as z from "zod";
import type { BtfInfo } from "../../kernel/btf_info.ts";
import type { Inventory } from "./inventory.ts";
import { omittedShape, related, relatedShape, Shortened } from "./related.ts";

/** What BTF describes: the kernel, one of its modules, or an object that somebody loaded. */
export const btfTypes = ["vmlinux", "module", "program"] as const;
export type BtfType = typeof btfTypes[number];

export const btfRow = z.object({
  btf_id: z.int(),
  name: z.string().nullable(),
  type: z.enum(btfTypes),
  bytes: z.int(),
  program_ids: z.array(z.int()),
  map_ids: z.array(z.int()),
  mine: relatedShape.mine,
  owners: relatedShape.owners,
  ...omittedShape,
});

export type BtfRow = z.infer<typeof btfRow>;

/** Kernels before 5.11 tell of no names and list no BTF of their own. */
export function btfType({ name, kernel }: BtfInfo): BtfType {
  if (kernel !== true) return "program";
  return name === "vmlinux" ? "vmlinux" : "module";
}

export function describeBtf(btf: BtfInfo, inventory: Inventory): BtfRow {
  const shortened = new Shortened();
  const { mine, owners } = related(inventory, "btf", btf.id, shortened);
  const programs = inventory.programs.filter(({ btfId }) => btfId === btf.id);
  const maps = inventory.maps.filter(({ btfId }) => btfId === btf.id);
  return {
    btf_id: btf.id,
    name: btf.name === "" ? null : btf.name,
    type: btfType(btf),
    bytes: btf.sizeBytes,
    program_ids: shortened.list("program_ids", programs.map(({ id }) => id)),
    map_ids: shortened.list("map_ids", maps.map(({ id }) => id)),
    mine,
    owners,
    ...shortened.omitted(),
  };
}
