// Programs that are attached to sockmaps.
import { EBPFError } from "../../errors.ts";
import type { Inventory } from "../inspect/inventory.ts";
import type { Missing } from "../missing.ts";
import type { FoundHook } from "./found_hook.ts";

export interface MapSurvey {
  readonly hooks: readonly FoundHook[];
  readonly missing: readonly Missing[];
}

const attachTypes = [
  "sk_skb_stream_parser",
  "sk_skb_stream_verdict",
  "sk_skb_verdict",
  "sk_msg_verdict",
] as const;

/** Asks every sockmap and sockhash. */
export function surveySockmaps(inventory: Inventory): MapSurvey {
  const { kernel, links } = inventory;
  const hooks: FoundHook[] = [];
  const unknown = new Set<string>();
  const maps = inventory.maps.filter(({ type }) => {
    return ["sockmap", "sockhash"].includes(kernel.names.mapType(type));
  });
  for (const { id, name } of maps) {
    for (const [order, attachType] of attachTypes.entries()) {
      const programs = ask(inventory, id, attachType);
      if (programs === "unknown") unknown.add(attachType);
      if (typeof programs === "string") continue;
      for (const { programId } of programs) {
        const link = links.find(({ target, programId: runs }) => {
          return target.kind === "sockmap" && target.mapId === id && runs === programId;
        });
        hooks.push({
          kind: "sockmap",
          place: `${attachType} ${name}`,
          fields: { name, map_id: id, attach_type: attachType },
          names: [name, attachType],
          programId,
          linkId: link?.id ?? null,
          key: [id, order, programId],
        });
      }
    }
  }
  return { hooks, missing: unknown.size < attachTypes.length ? [] : [notTold(maps.length)] };
}

function ask(inventory: Inventory, mapId: number, attachType: typeof attachTypes[number]) {
  try {
    return inventory.kernel.hooks.ofSockmap(mapId, attachType);
  } catch (error) {
    if (error instanceof EBPFError && error.code === "map_not_found") return "none";
    throw error;
  }
}

function notTold(maps: number): Missing {
  return {
    what: `programs of ${maps} sockmaps`,
    why: "this kernel does not tell them",
    remedy: "Linux 5.17 or newer",
  };
}
