// A map to read: this session's own by its object, anybody's by id where we may.
import { resourceError, validationError } from "../errors.ts";
import { BpfMap } from "../kernel/bpf_map.ts";
import { dumpMap, type DumpPage, type DumpRequest } from "../kernel/map_dump.ts";
import { nearestFirst } from "../view/nearest.ts";
import type { Session } from "./session.ts";

const MOST_NAMES = 20;

export type MapChoice = { map_id: number } | { map_name: string };

/**
 * One page of a map.
 * @throws map_not_found, ambiguous_map_name with the candidates, and what dumpMap throws
 */
export async function dumpChosenMap(
  session: Session,
  choice: MapChoice,
  request: DumpRequest,
): Promise<DumpPage & { map: BpfMap["info"] }> {
  using map = openMap(session, choice);
  return { ...await dumpMap(map, request), map: map.info };
}

/**
 * Opens a map for the caller to close. An own map too: its object may be unloaded meanwhile, and
 * the number of its descriptor then belongs to another map.
 */
export function openMap(session: Session, choice: MapChoice): BpfMap {
  const own = session.objects.values().flatMap((object) => object.maps);
  if ("map_id" in choice) {
    const found = own.find((map) => map.info.id === choice.map_id);
    return found?.duplicate() ?? BpfMap.open(choice.map_id);
  }
  const { map_name: name } = choice;
  const named = own.filter((map) => map.name === name || map.info.name === name);
  if (named.length === 1) return named[0].duplicate();
  const candidates = named.map(({ info }) => ({ map_id: info.id, name: info.name }));
  if (named.length > 1) {
    const message = `${named.length} maps of this session are named "${name}"`;
    throw validationError("ambiguous_map_name", message, { candidates, hint: "use map_id" });
  }
  throw resourceError("map_not_found", `This session has no map named "${name}"`, {
    maps: nearestFirst(name, own.map((map) => map.info.name), MOST_NAMES),
    hint: "names are of this session's maps; give map_id for others (inspect_state lists them)",
  });
}
