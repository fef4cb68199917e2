// Programs and maps as bpftool shows them, without what differs from load to load.
import { isNode, type JsonNode, textOf } from "../ffi/json_node.ts";

/** What the kernel has of one load: one line of text for each program and each map, sorted. */
export interface KernelLists {
  readonly programs: readonly string[];
  readonly maps: readonly string[];
}

const programFields = ["type", "name", "tag", "gpl_compatible", "bytes_xlated"] as const;
const mapFields = [
  "type",
  "name",
  "flags",
  "bytes_key",
  "bytes_value",
  "max_entries",
  "frozen",
] as const;

/**
 * Lists what `bpftool -j prog show` and `bpftool -j map show` say of single objects, one line each.
 * (On Linux 6.18 bpftool 7.1 showing all maps at once gives some the BTF of the one before.)
 */
export function kernelLists(shown: readonly string[]): KernelLists {
  const nodes = shown.map((text): unknown => JSON.parse(text)).filter(isNode);
  const maps = nodes.filter((node) => node.max_entries !== undefined);
  const programs = nodes.filter((node) => node.tag !== undefined);
  const names = new Map(maps.map((map) => [map.id, textOf(map, "name") ?? ""]));
  return {
    programs: programs.map((program) => {
      const used = Array.isArray(program.map_ids) ? program.map_ids : [];
      const uses = used.map((id) => names.get(id) ?? "a map of its own").sort();
      return `${line(program, programFields)} maps=[${uses.join(" ")}]`;
    }).sort(),
    maps: maps.map((map) => line(map, mapFields)).sort(),
  };
}

function line(node: JsonNode, fields: readonly string[]): string {
  const described = node.btf_id === undefined ? "no btf" : "btf";
  return [...fields.map((field) => `${field}=${node[field] ?? ""}`), described].join(" ");
}
