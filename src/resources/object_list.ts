// What the lists of programs, maps and links have in common: short rows, as many as fit.
import * as z from "zod";
import { type EBPFError, resourceError } from "../errors.ts";
import type { ObjectKind } from "../kernel/ids.ts";
import type { Services } from "../tools/define_tool.ts";
import { toJson } from "../view/json.ts";
import { jsonBytes, page } from "../view/page.ts";
import { Inventory } from "../tools/inspect/inventory.ts";
import type { Missing } from "../tools/missing.ts";
import type { ReadContext } from "./define_resource.ts";
import { watchReading } from "./watch_reading.ts";

/** What the members around the rows take. */
const FRAME_BYTES = 256;
const MAX_ID = 2 ** 32 - 1;

export type ListedKind = Exclude<ObjectKind, "btf">;

/** What the resources of programs, maps and links have in common. */
export const objectTraits = {
  mimeType: "application/json",
  toolset: "reflect",
  effect: "read",
} as const;

/** An id as a URI has it: digits and nothing else. */
export const idVariable = z.string().regex(/^[1-9][0-9]{0,9}$/).transform(Number)
  .refine((id) => id <= MAX_ID);

/**
 * What the kernel holds, where it gives us the list that a resource is about.
 * @throws permission/not_permitted without CAP_SYS_ADMIN, kernel/feature_missing
 */
export function openInventory(context: ReadContext, kind: ListedKind): Inventory {
  const inventory = new Inventory(context);
  const list = `${kind}s` as const;
  const { length } = inventory[list];
  const refusal = inventory.refusal(list);
  if (length === 0 && refusal !== undefined) throw refusal;
  return inventory;
}

/** `missing`, where something is. */
export function missingPart(missing: readonly Missing[]): { missing?: readonly Missing[] } {
  return missing.length === 0 ? {} : { missing };
}

/** `{"programs": [...], "total": 12, "truncated": false}`, with what gives the rest. */
export function listText(
  kind: ListedKind,
  rows: readonly unknown[],
  inventory: Inventory,
  { request }: ReadContext,
): string {
  const field = `${kind}s`;
  const missing = missingPart(inventory.missing());
  const byteBudget = request.byteBudget - FRAME_BYTES - jsonBytes(missing);
  const limits = { limit: rows.length, byteBudget };
  const { items, total, truncated } = page(`bpf://${field}`, rows, limits);
  const hint = truncated ? `inspect_state fields:["${field}"] pages through all of them` : null;
  return toJson({
    [field]: items,
    total,
    truncated,
    ...(hint === null ? {} : { hint }),
    ...missing,
  });
}

/** Tells whoever asks for an object that is not there what is. */
export function noSuchObject(kind: ListedKind, id: number): EBPFError {
  return resourceError(
    "resource_not_found",
    `Cannot read "bpf://${kind}s/${id}": no ${kind} has this id`,
    {
      kind,
      id,
      hint: `It may have gone. Read bpf://${kind}s for those that exist`,
    },
  );
}

/**
 * Calls `changed` when an object goes, or what `detail` tells of it changes with another list.
 * @throws resource/resource_not_found, permission/not_permitted without CAP_SYS_ADMIN
 */
export function watchObject(
  kind: ListedKind,
  id: number,
  services: Services,
  changed: () => void,
  detail?: { readonly list: ListedKind; tell(): unknown },
): Disposable {
  const { lists } = services.kernel;
  if (!lists.ids(kind).includes(id)) throw noSuchObject(kind, id);
  const kinds = detail === undefined ? [kind] : [kind, detail.list];
  return watchReading(services, kinds, () => {
    return toJson([lists.latest(kind).includes(id), detail?.tell() ?? null]);
  }, changed);
}

/** Completes ids of a kind, the newest first. */
export function completeIds(kind: ListedKind): (typed: string, services: Services) => string[] {
  return (_, { kernel }) => kernel.lists.ids(kind).reverse().map(String);
}
