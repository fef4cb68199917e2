// From an id to a map with events: one of the session's objects, or somebody else's.
import { Btf } from "../btf/btf.ts";
import { EBPFError, validationError } from "../errors.ts";
import { BpfMap, mapType } from "../kernel/bpf_map.ts";
import { btfBytes } from "../kernel/btf_info.ts";
import { openById, walkObjects } from "../kernel/ids.ts";
import { programInfo } from "../kernel/program_info.ts";
import { mapTypes } from "../kernel/uapi_types.ts";
import type { LoadedObject } from "./loaded_object.ts";
import type { MapSource } from "./stream_source.ts";

/** One of the two. */
export type WantedSource = { readonly mapId: number } | { readonly programId: number };

const kinds: ReadonlyMap<number, MapSource["kind"]> = new Map([
  [mapType("ringbuf"), "ring"],
  [mapType("perf_event_array"), "perf"],
]);

/**
 * The map's events. `source.map` is to be disposed once the stream was started.
 * @throws resource/map_not_found, program_not_found; permission/not_permitted for foreign ids
 *   without CAP_SYS_ADMIN; validation/not_an_event_map, ambiguous_event_map
 */
export function findStreamSource(
  objects: readonly LoadedObject[],
  wanted: WantedSource,
): MapSource {
  return "mapId" in wanted ? byMap(objects, wanted.mapId) : byProgram(objects, wanted.programId);
}

function byMap(objects: readonly LoadedObject[], mapId: number): MapSource {
  for (const object of objects) {
    const map = object.maps.find((candidate) => candidate.info.id === mapId);
    if (map !== undefined) return ownSource(object, map);
  }
  using owned = new DisposableStack();
  const map = owned.use(BpfMap.open(mapId));
  const kind = kindOf(map);
  const btf = btfOfUser(mapId);
  owned.move();
  const nobody = () => null;
  return { map, kind, btf, owner: "foreign", droppedCount: nobody, missedRuns: nobody };
}

function byProgram(objects: readonly LoadedObject[], programId: number): MapSource {
  for (const object of objects) {
    const program = object.programs.find(({ info }) => info.id === programId);
    if (program === undefined) continue;
    const used = object.maps.filter(({ info }) => program.info.mapIds.includes(info.id));
    return ownSource(object, singleEventMap(used, programId));
  }
  using fd = openById("program", programId);
  const info = programInfo(fd.number);
  using maps = new DisposableStack();
  const map = singleEventMap(info.mapIds.map((id) => maps.use(BpfMap.open(id))), programId);
  return byMap(objects, map.info.id);
}

function ownSource(object: LoadedObject, map: BpfMap): MapSource {
  const { btf } = object;
  const droppedCount = () => object.droppedCount();
  const missedRuns = () => object.missedRuns();
  return { map, kind: kindOf(map), btf, owner: "session", droppedCount, missedRuns };
}

function kindOf(map: BpfMap): MapSource["kind"] {
  const kind = kinds.get(map.info.type);
  if (kind !== undefined) return kind;
  const type = mapTypes[map.info.type] ?? `type ${map.info.type}`;
  throw validationError(
    "not_an_event_map",
    `Cannot stream map ${map.info.id} "${map.name}": it is ${type}, ` +
      "events come from ringbuf or perf_event_array",
    { map_id: map.info.id, map_type: type, hint: "map_dump reads its elements" },
  );
}

function singleEventMap(maps: readonly BpfMap[], programId: number): BpfMap {
  const found = maps.filter((map) => kinds.has(map.info.type));
  if (found.length === 1) return found[0];
  const listed = found.map(({ info, name }) => ({ map_id: info.id, name }));
  if (found.length === 0) {
    throw validationError(
      "not_an_event_map",
      `Cannot stream program ${programId}: it uses no ringbuf or perf_event_array`,
      { program_id: programId, hint: "map_dump reads the maps that it uses" },
    );
  }
  throw validationError(
    "ambiguous_event_map",
    `Cannot stream program ${programId}: it uses ${found.length} event maps`,
    { program_id: programId, maps: listed, hint: "Name one of them as map_id" },
  );
}

/** The BTF of a program that uses the map; a ring has none of its own. */
function btfOfUser(mapId: number): Btf | null {
  for (const { fd } of walkObjects("program")) {
    const info = programInfo(fd.number);
    if (info.btfId !== null && info.mapIds.includes(mapId)) return readBtf(info.btfId);
  }
  return null;
}

function readBtf(btfId: number): Btf | null {
  try {
    using fd = openById("btf", btfId);
    return Btf.parse(btfBytes(fd.number));
  } catch (error) {
    if (error instanceof EBPFError) return null; // gone meanwhile: its events are given as bytes
    throw error;
  }
}
