// A link as inspect_state shows it.
import * as z from "zod";
import type { LinkInfo } from "../../kernel/link_info.ts";
import { describeHook } from "./hook.ts";
import type { Inventory } from "./inventory.ts";
import { omittedShape, related, relatedShape, Shortened } from "./related.ts";

export const linkRow = z.object({
  link_id: z.int(),
  type: z.string(),
  program_id: z.int().nullable(),
  program_name: z.string().nullable(),
  target: z.string().describe("What it is attached to"),
  hook: z.record(z.string(), z.union([z.string(), z.number()])).describe("The same as fields"),
  ...relatedShape,
  ...omittedShape,
});

export type LinkRow = z.infer<typeof linkRow>;

export function describeLink(link: LinkInfo, inventory: Inventory): LinkRow {
  const shortened = new Shortened();
  const hook = describeHook(link, inventory);
  const { programId } = link;
  return {
    link_id: link.id,
    type: inventory.kernel.names.linkType(link.type),
    program_id: programId,
    program_name: programId === null ? null : inventory.program(programId)?.name ?? null,
    target: hook.text,
    hook: hook.fields,
    ...related(inventory, "link", link.id, shortened),
    ...shortened.omitted(),
  };
}
