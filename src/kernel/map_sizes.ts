// How many elements the maps of an object will have, where a caller wants other numbers than it.
import { type EBPFError, kernelError, validationError } from "../errors.ts";
import { nearestFirst } from "../view/nearest.ts";
import type { BpfObject } from "./object.ts";
import type { ObjectMap } from "./object_map.ts";
import { mapTypes } from "./uapi_types.ts";

const MOST_NAMES = 50;

/**
 * What a stack trace takes that has no size of its own: as many frames as the kernel keeps by
 * default (kernel.perf_event_max_stack), eight bytes each. Programs that come with such maps set
 * this too.
 */
const STACK_TRACE_BYTES = 127 * 8;

/**
 * Sets sizes before the load.
 *
 * @param sizes max_entries by the map's name
 * @throws validation/unknown_map naming the object's maps, value_out_of_range for a data section
 * @throws object_load_failed with libbpf's errno
 */
export function setMapSizes(object: BpfObject, sizes: Readonly<Record<string, number>>): void {
  for (const [name, maxEntries] of Object.entries(sizes)) {
    const map = object.maps.find((one) => one.name === name);
    if (map === undefined) throw unknownMap(object, name);
    if (map.initialValue() !== null) {
      const message = `Cannot resize "${name}": a section of variables has 1 element`;
      throw validationError("value_out_of_range", message, { map: name });
    }
    require(map, map.resize(maxEntries));
    const isUnsized = mapTypes[map.type] === "stack_trace" && map.valueBytes === 0;
    if (isUnsized) require(map, map.setValueBytes(STACK_TRACE_BYTES));
  }
}

function require({ name }: ObjectMap, errno: number): void {
  if (errno !== 0) throw kernelError("object_load_failed", `Cannot resize "${name}"`, errno);
}

function unknownMap(object: BpfObject, name: string): EBPFError {
  const known = object.maps.filter((map) => map.initialValue() === null).map((map) => map.name);
  return validationError("unknown_map", `Object "${object.name}" has no map "${name}"`, {
    maps: nearestFirst(name, known, MOST_NAMES),
    total: known.length,
  });
}
