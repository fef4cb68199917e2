// What the lists of programs, maps and links have in common: short rows, as many as fit.
import * as z from "zod";
import { type EBPFError, resourceError } from "../errors.ts";
import type { ObjectKind } from "../kernel/ids.ts";
import type { Services } from "../tools/define_tool.ts";
import { toJson } from "../view/json.ts";
import { page } from "../view/page.ts";
import type { ReadContext } from "./define_resource.ts";

/** What the members around the rows take. */
const FRAME_BYTES = 256;
const MAX_ID = 2 ** 32 - 1;

export type ListedKind = Exclude<ObjectKind, "btf">;

/** An id as a URI has it: digits and nothing else. */
export const idVariable = z.string().regex(/^[1-9][0-9]{0,9}$/).transform(Number)
  .refine((id) => id <= MAX_ID);

/** `{"programs": [...], "total": 12, "truncated": false}`, with what gives the rest. */
export function listText(
  kind: ListedKind,
  rows: readonly unknown[],
  { request }: ReadContext,
): string {
  const field = `${kind}s`;
  const limits = { limit: rows.length, byteBudget: request.byteBudget - FRAME_BYTES };
  const { items, total, truncated } = page(`bpf://${field}`, rows, limits);
  const hint = truncated ? `inspect_state fields:["${field}"] pages through all of them` : null;
  return toJson({ [field]: items, total, truncated, ...(hint === null ? {} : { hint }) });
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

/** Completes ids of a kind, the newest first. */
export function completeIds(kind: ListedKind): (typed: string, services: Services) => string[] {
  return (_, { kernel }) => kernel.lists.ids(kind).reverse().map(String);
}
