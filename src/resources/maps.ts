// bpf://maps and bpf://maps/{id}: which maps there are, and one with its geometry and its users.
import * as z from "zod";
import { describeMap } from "../tools/inspect/map_row.ts";
import { toJson } from "../view/json.ts";
import { visibleLine } from "../view/text.ts";
import { defineResource } from "./define_resource.ts";
import { defineResourceTemplate } from "./define_resource_template.ts";
import {
  completeIds,
  idVariable,
  listText,
  missingPart,
  noSuchObject,
  objectTraits,
  openInventory,
  watchObject,
} from "./object_list.ts";

export const mapsResource = defineResource({
  ...objectTraits,
  uri: "bpf://maps",
  name: "maps",
  title: "Maps",
  doc: "Every BPF map of this kernel, the newest first, with its type and size. Subscribe to be " +
    "told within a second when one is made or gone.",
  read(context) {
    const inventory = openInventory(context, "map");
    const { names } = inventory.kernel;
    const rows = inventory.maps.toReversed().map((
      { id, name, type, keyBytes, valueBytes, maxEntries },
    ) => ({
      map_id: id,
      name: visibleLine(name),
      type: names.mapType(type),
      key_bytes: keyBytes,
      value_bytes: valueBytes,
      max_entries: maxEntries,
    }));
    return listText("map", rows, inventory, context);
  },
  watch: ({ kernel }, changed) => kernel.lists.listen(["map"], changed),
});

export const mapResource = defineResourceTemplate({
  ...objectTraits,
  uriTemplate: "bpf://maps/{id}",
  name: "map",
  title: "One map",
  doc: "A map's type, sizes, flags and memory, the programs that use it, its pins and the " +
    "processes that hold it. map_dump reads what is in it. Subscribe to be told when it is gone " +
    "or the programs that use it change.",
  variables: z.strictObject({ id: idVariable }),
  complete: { id: completeIds("map") },
  read({ id }, context) {
    const inventory = openInventory(context, "map");
    const map = inventory.map(id);
    if (map === null) throw noSuchObject("map", id);
    const row = describeMap(map, inventory);
    return toJson({ map: row, ...missingPart(inventory.missing()) });
  },
  watch({ id }, services, changed) {
    return watchObject("map", id, services, changed, {
      list: "program",
      tell: () => services.kernel.relations.usersOf(id),
    });
  },
});
