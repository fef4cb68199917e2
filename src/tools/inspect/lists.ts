// The kernel's lists, filtered, as rows.
import type { HeldKind } from "../../host/fdinfo.ts";
import { type BtfRow, btfType, describeBtf } from "./btf_row.ts";
import { type Filterable, type Filters, passes } from "./filters.ts";
import { describeHook } from "./hook.ts";
import type { Inventory } from "./inventory.ts";
import { describeLink, type LinkRow } from "./link_row.ts";
import { describeMap, type MapRow } from "./map_row.ts";
import { type Clock, describeProgram, type ProgramRow } from "./program_row.ts";

export function programRows(inventory: Inventory, filters: Filters, clock: Clock): ProgramRow[] {
  const { names } = inventory.kernel;
  const filterable = filter("program", inventory, filters);
  return inventory.programs
    .filter((program) => {
      const { id, name } = program;
      return filterable(() => ({ id, type: names.programType(program.type), names: [name] }));
    })
    .map((program) => describeProgram(program, inventory, clock));
}

export function mapRows(inventory: Inventory, filters: Filters): MapRow[] {
  const { names } = inventory.kernel;
  const filterable = filter("map", inventory, filters);
  return inventory.maps
    .filter((map) => {
      return filterable(() => ({ id: map.id, type: names.mapType(map.type), names: [map.name] }));
    })
    .map((map) => describeMap(map, inventory));
}

export function linkRows(inventory: Inventory, filters: Filters): LinkRow[] {
  const { names } = inventory.kernel;
  const filterable = filter("link", inventory, filters);
  return inventory.links
    .filter((link) =>
      filterable(() => {
        const program = link.programId === null ? null : inventory.program(link.programId);
        const hook = describeHook(link, inventory).text;
        const texts = program === null ? [hook] : [program.name, hook];
        return { id: link.id, type: names.linkType(link.type), names: texts };
      })
    )
    .map((link) => describeLink(link, inventory));
}

export function btfRows(inventory: Inventory, filters: Filters): BtfRow[] {
  const filterable = filter("btf", inventory, { ...filters, pinned_only: false });
  return inventory.btfs
    .filter((btf) => {
      return filterable(() => ({ id: btf.id, type: btfType(btf), names: [btf.name ?? ""] }));
    })
    .map((btf) => describeBtf(btf, inventory));
}

function filter(kind: HeldKind, inventory: Inventory, filters: Filters) {
  return (describe: () => Filterable) => passes(kind, describe(), filters, inventory);
}
