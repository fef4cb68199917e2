// The kernel's lists, filtered, as rows.
import type { HeldKind } from "../../host/fdinfo.ts";
import { type BtfRow, btfType, describeBtf } from "./btf_row.ts";
import { type Filterable, passes, type Selection } from "./filters.ts";
import { describeHook } from "./hook.ts";
import type { Inventory } from "./inventory.ts";
import { describeLink, type LinkRow } from "./link_row.ts";
import { describeMap, type MapRow } from "./map_row.ts";
import { type Clock, describeProgram, type ProgramRow } from "./program_row.ts";
import { Row } from "./row.ts";

export function programRows(
  inventory: Inventory,
  selection: Selection,
  clock: Clock,
): Row<ProgramRow>[] {
  const { names } = inventory.kernel;
  const filterable = filter("program", inventory, selection);
  return inventory.programs
    .filter((program) => {
      const type = names.programType(program.type);
      return filterable({ id: program.id, type, names: () => [program.name] });
    })
    .map((program) => {
      return new Row(program.id, () => describeProgram(program, inventory, clock));
    });
}

export function mapRows(inventory: Inventory, selection: Selection): Row<MapRow>[] {
  const { names } = inventory.kernel;
  const filterable = filter("map", inventory, selection);
  return inventory.maps
    .filter(({ id, type, name }) => {
      return filterable({ id, type: names.mapType(type), names: () => [name] });
    })
    .map((map) => new Row(map.id, () => describeMap(map, inventory)));
}

export function linkRows(inventory: Inventory, selection: Selection): Row<LinkRow>[] {
  const { names } = inventory.kernel;
  const filterable = filter("link", inventory, selection);
  return inventory.links
    .filter((link) => {
      const texts = () => {
        const program = link.programId === null ? null : inventory.program(link.programId);
        const hook = describeHook(link, inventory).text;
        return program === null ? [hook] : [program.name, hook];
      };
      return filterable({ id: link.id, type: names.linkType(link.type), names: texts });
    })
    .map((link) => new Row(link.id, () => describeLink(link, inventory)));
}

export function btfRows(inventory: Inventory, selection: Selection): Row<BtfRow>[] {
  const filterable = filter("btf", inventory, { ...selection, pinned_only: false });
  return inventory.btfs
    .filter((btf) => {
      return filterable({ id: btf.id, type: btfType(btf), names: () => [btf.name ?? ""] });
    })
    .map((btf) => new Row(btf.id, () => describeBtf(btf, inventory)));
}

function filter(kind: HeldKind, inventory: Inventory, selection: Selection) {
  return (item: Filterable) => passes(kind, item, selection, inventory);
}
