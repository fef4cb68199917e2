// detach_link: a program off its hook.
import * as z from "zod";
import { resourceError, validationError } from "../errors.ts";
import { isGone } from "../session/gone.ts";
import { attachmentOfLink, detachForeign, detachOwn } from "../session/release.ts";
import { defineTool } from "./define_tool.ts";
import { requireAdmin } from "./foreign_owner.ts";
import { kernelId } from "./loaded_shapes.ts";

const ENOENT = 2;

export const detachLink = defineTool({
  name: "detach_link",
  title: "Detach a program",
  doc: "Detach what attach_program attached, by attachment_id or one of its link_ids; all its " +
    "links go. The program stays loaded. A tracepoint takes 70 ms. A link of another process: " +
    "only as admin, by link_id.",
  toolset: "control",
  effect: "change",
  needs: { capability: "none for own attachments; CAP_SYS_ADMIN for others", kernel: "5.10" },
  maxTimeMs: 30_000,
  input: z.strictObject({
    attachment_id: z.string().min(1).max(64).optional(),
    link_id: kernelId.optional(),
  }),
  output: z.object({
    attachment_id: z.string().nullable(),
    links: z.array(z.object({ link_id: z.int(), gone: z.boolean().nullable() }))
      .describe("gone: the kernel, asked again, has no such link; null when we may not ask"),
  }),
  async run({ attachment_id, link_id }, context) {
    const { session } = context;
    if ((attachment_id === undefined) === (link_id === undefined)) {
      throw validationError("invalid_arguments", "detach_link takes attachment_id or link_id", {
        accepted: ["attachment_id", "link_id"],
      });
    }
    const own = attachment_id ??
      (link_id === undefined ? undefined : attachmentOfLink(session, link_id)?.traits.attachmentId);
    if (own !== undefined) {
      const ids = await detachOwn(session, own);
      return { attachment_id: own, links: ids.map(goneLink) };
    }
    const id = link_id ?? 0;
    if (isGone("link", id) === true) {
      throw resourceError("link_not_found", `No link has the id ${id}`, {
        link_id: id,
        errno: ENOENT,
        errno_name: "ENOENT",
        hint: 'inspect_state fields:["links"] lists those that exist',
      });
    }
    requireAdmin("link", id, context);
    detachForeign(id);
    return { attachment_id: null, links: [goneLink(id)] };
  },
});

function goneLink(link_id: number) {
  return { link_id, gone: isGone("link", link_id) };
}
