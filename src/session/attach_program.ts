// From a program of this session to an attachment that it owns, and back.
import { type AttachSpec, targetText } from "../kernel/attach/spec.ts";
import { attachProgram } from "../kernel/attach/attach.ts";
import { resourceError } from "../errors.ts";
import { nearestFirst } from "../view/nearest.ts";
import { Attachment } from "./attachment.ts";
import type { LoadedObject, LoadedProgram } from "./loaded_object.ts";
import type { Session } from "./session.ts";

const MOST_NAMES = 20;

/**
 * Attaches a program that this session loaded.
 * @throws program_not_found naming the session's programs, and what attachProgram throws
 */
export async function attach(
  session: Session,
  programId: number,
  spec: AttachSpec,
  signal: AbortSignal,
): Promise<Attachment> {
  session.attachments.requireRoom();
  findProgram(session, programId);
  return await session.services.loader.exclusively(async () => {
    signal.throwIfAborted();
    const attachment = attachNow(session, programId, spec);
    await session.attachments.add(attachment.traits.attachmentId, attachment);
    return attachment;
  });
}

/** Looks the program up anew: while this waited for its turn, it may have been unloaded. */
function attachNow(session: Session, programId: number, spec: AttachSpec): Attachment {
  const [object, { program }] = findProgram(session, programId);
  const links = attachProgram(program, spec);
  return new Attachment({
    attachmentId: session.attachments.nextId(),
    objectId: object.objectId,
    programId,
    programName: program.name,
    target: targetText(spec, program.section),
  }, links);
}

/** @throws program_not_found naming the session's programs */
export function findProgram(session: Session, programId: number): [LoadedObject, LoadedProgram] {
  for (const object of session.objects.values()) {
    const found = object.programs.find(({ info }) => info.id === programId);
    if (found !== undefined) return [object, found];
  }
  const own = session.objects.values().flatMap((object) =>
    object.programs.map(({ info }) => String(info.id))
  );
  const message = `This session has loaded no program with id ${programId}`;
  throw resourceError("program_not_found", message, {
    program_id: programId,
    own_program_ids: nearestFirst(String(programId), own, MOST_NAMES).map(Number),
    hint: "load it with load_program in this session, and use the program_id of the answer",
  });
}
