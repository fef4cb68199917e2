// Programs that are attached to sockmaps, or stand in for functions through struct_ops maps.
import { EBPFError } from "../../errors.ts";
import type { Inventory } from "../inspect/inventory.ts";
import type { Missing } from "../missing.ts";
import { type FoundHook, present } from "./found_hook.ts";

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
      const programs = tryAsk(() => kernel.hooks.ofSockmap(id, attachType)) ?? "none";
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

/**
 * Every struct_ops map that the kernel uses, registered by a link or without: a row for each of the
 * functions that programs stand in for.
 */
export function surveyStructOps(inventory: Inventory): FoundHook[] {
  const { kernel, links } = inventory;
  const maps = inventory.maps.filter(({ type }) => kernel.names.mapType(type) === "struct_ops");
  return maps.flatMap(({ id, name }) => {
    const told = tryAsk(() => kernel.hooks.ofStructOps(id));
    const link = links.find(({ target }) => target.kind === "struct_ops" && target.mapId === id);
    if (told === null || (told.state !== "in_use" && link === undefined)) return [];
    const { type, members } = told;
    const rows = members.length > 0 ? members : [{ name: null, programId: null }];
    return rows.map((member, position): FoundHook => ({
      kind: "struct_ops",
      place: [type, name, member.name].filter((word) => word !== null).join(" "),
      fields: present({ name, map_id: id, type, member: member.name }),
      names: [name, ...[type, member.name].filter((word) => word !== null)],
      programId: member.programId,
      linkId: link?.id ?? null,
      key: [id, position],
      ...(link === undefined ? { holders: inventory.holders.of("map", id) } : {}),
    }));
  });
}

/** null for a map that is gone meanwhile. */
function tryAsk<Answer>(ask: () => Answer): Answer | null {
  try {
    return ask();
  } catch (error) {
    if (error instanceof EBPFError && error.code === "map_not_found") return null;
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
