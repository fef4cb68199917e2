// unload_program: what load_program made, out of the kernel.
import * as z from "zod";
import { permissionError, resourceError, validationError } from "../errors.ts";
import { isGone } from "../session/gone.ts";
import { unloadObject, unloadProgram } from "../session/release.ts";
import { defineTool, type ToolContext } from "./define_tool.ts";
import { ownersOf, requireAdmin } from "./foreign_owner.ts";
import { kernelId } from "./loaded_shapes.ts";

const ENOENT = 2;

export const unloadProgramTool = defineTool({
  name: "unload_program",
  title: "Unload an object or a program",
  doc: "Release what load_program loaded: object_id all its programs, maps, attachments and " +
    "streams; program_id one program, and its object after the last. 1-100 ms. The session's " +
    "end does the same. Programs of other processes end with them.",
  toolset: "deploy",
  effect: "change",
  needs: { capability: "none for own objects", kernel: "5.10" },
  maxTimeMs: 30_000,
  input: z.strictObject({
    object_id: z.string().min(1).max(64).optional(),
    program_id: kernelId.optional(),
  }),
  output: z.object({
    object_id: z.string(),
    object_released: z.boolean(),
    programs: z.array(z.object({ program_id: z.int(), gone: z.boolean().nullable() }))
      .describe("gone: the kernel, asked again, has none; null when we may not ask"),
    maps: z.array(z.object({ map_id: z.int(), gone: z.boolean().nullable() })),
    attachments: z.array(z.string()).describe("Detached on the way"),
  }),
  async run({ object_id, program_id }, context) {
    const { session } = context;
    if ((object_id === undefined) === (program_id === undefined)) {
      throw validationError("invalid_arguments", "unload_program takes object_id or program_id", {
        accepted: ["object_id", "program_id"],
      });
    }
    if (program_id !== undefined) requireOwn(program_id, context);
    const unloaded = object_id === undefined
      ? await unloadProgram(session, program_id ?? 0)
      : await unloadObject(session, object_id);
    return {
      object_id: unloaded.objectId,
      object_released: session.objects.find(unloaded.objectId) === undefined,
      programs: unloaded.programIds.map((id) => ({ program_id: id, gone: isGone("program", id) })),
      maps: unloaded.mapIds.map((id) => ({ map_id: id, gone: isGone("map", id) })),
      attachments: unloaded.attachmentIds,
    };
  },
});

/** bpf(2) has no call that unloads a program which somebody else holds. */
function requireOwn(id: number, context: ToolContext): void {
  const own = context.session.objects.values().some((object) =>
    object.programs.some(({ info }) => info.id === id)
  );
  if (own) return;
  if (isGone("program", id) === true) {
    throw resourceError("program_not_found", `No program has the id ${id}`, {
      program_id: id,
      errno: ENOENT,
      errno_name: "ENOENT",
      hint: 'inspect_state fields:["programs"] lists those that exist',
    });
  }
  requireAdmin("program", id, context);
  throw permissionError("not_owner", `The kernel lets nobody unload program ${id} but its owners`, {
    program_id: id,
    owners: ownersOf("program", id, context),
    hint: "detach its links with detach_link, unpin it, or end the processes of context.owners",
  });
}
