// What every row says of an object's surroundings: who holds it, where it is pinned, whose it is.
import * as z from "zod";
import type { HeldKind } from "../../host/fdinfo.ts";
import type { Inventory } from "./inventory.ts";

export const relatedShape = {
  mine: z.boolean().describe("Made by this session"),
  pins: z.array(z.string()),
  owners: z.array(z.object({ pid: z.int(), comm: z.string(), fd: z.int() })),
};

const relatedObject = z.object(relatedShape);
export type Related = z.infer<typeof relatedObject>;

/** Owners, pins and session of one object. */
export function related(
  inventory: Inventory,
  kind: HeldKind,
  id: number,
  shortened: Shortened,
): Related {
  return {
    mine: inventory.isMine(kind, id),
    pins: shortened.list("pins", inventory.pins(kind, id)),
    owners: shortened.list("owners", inventory.holders.of(kind, id)),
  };
}

/** The most of one kind that a row lists. */
const mostListed = 16;

export const omittedShape = {
  omitted: z.record(z.string(), z.int()).optional().describe("How many more each list has"),
};

/** The lists of one row, each cut to what a reader can use, and how much was cut. */
export class Shortened {
  readonly #omitted: Record<string, number> = {};

  list<Item>(name: string, items: readonly Item[]): Item[] {
    if (items.length > mostListed) this.#omitted[name] = items.length - mostListed;
    return items.slice(0, mostListed);
  }

  /** To be read after every list. */
  omitted(): { omitted?: Record<string, number> } {
    return Object.keys(this.#omitted).length === 0 ? {} : { omitted: this.#omitted };
  }
}
