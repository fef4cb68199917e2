// A map as inspect_state shows it.
import * as z from "zod";
import type { ListedMap } from "../../kernel/kernel_view.ts";
import { loadedMap } from "../loaded_shapes.ts";
import type { Inventory } from "./inventory.ts";
import { omittedShape, related, relatedShape, Shortened } from "./related.ts";

export const mapRow = z.object({
  ...loadedMap.shape,
  memory_bytes: z.int().nullable(),
  frozen: z.boolean().nullable(),
  btf_id: z.int().nullable(),
  used_by: z.array(z.object({ program_id: z.int(), name: z.string() })),
  ...relatedShape,
  ...omittedShape,
});

export type MapRow = z.infer<typeof mapRow>;

export function describeMap(map: ListedMap, inventory: Inventory): MapRow {
  const shortened = new Shortened();
  const users = inventory.programsUsing(map.id).map(({ id, name }) => ({ program_id: id, name }));
  return {
    map_id: map.id,
    name: map.name,
    type: inventory.kernel.names.mapType(map.type),
    key_bytes: map.keyBytes,
    value_bytes: map.valueBytes,
    max_entries: map.maxEntries,
    flags: map.flags,
    memory_bytes: map.memoryBytes,
    frozen: map.frozen,
    btf_id: map.btfId,
    used_by: shortened.list("used_by", users),
    ...related(inventory, "map", map.id, shortened),
    ...shortened.omitted(),
  };
}
