// Detaching and unloading: what this session made; for an admin, by explicit id, what others did.
import { libbpf } from "../../ffi/library.ts";
import { kernelError } from "../errors.ts";
import { openById } from "../kernel/ids.ts";
import type { Attachment } from "./attachment.ts";
import { findProgram } from "./attach_program.ts";
import { untilGone } from "./gone.ts";
import type { Session } from "./session.ts";

const EOPNOTSUPP = 95;

/** An own attachment that holds this link; undefined when the session has none. */
export function attachmentOfLink(session: Session, linkId: number): Attachment | undefined {
  return session.attachments.values().find((attachment) => attachment.linkIds.includes(linkId));
}

/** Detaches an own attachment with all its links. @returns the link ids that it had */
export async function detachOwn(session: Session, attachmentId: string): Promise<number[]> {
  const { linkIds } = session.attachments.get(attachmentId);
  await session.attachments.release(attachmentId);
  return linkIds;
}

/**
 * Detaches a link that another process holds; its owner keeps an empty link.
 * @throws link_not_found, feature_missing for kinds that only their owner can detach
 * @since Linux 5.9 for XDP, cgroup, netns, 6.6 for tcx
 */
export function detachForeign(linkId: number): void {
  using link = openById("link", linkId);
  const answer = libbpf().bpf_link_detach(link.number);
  if (answer === 0) return;
  const code = answer === -EOPNOTSUPP ? "feature_missing" : "link_detach_failed";
  throw kernelError(code, `Cannot detach link ${linkId} of another process`, -answer, {
    link_id: linkId,
    hint: "the kernel detaches links of this kind when their owner closes them: end the owner",
  });
}

export interface Unloaded {
  objectId: string;
  programIds: number[];
  mapIds: number[];
  attachmentIds: string[];
}

/**
 * Releases an own object: streams on its maps and its attachments first.
 * @throws object_not_found
 */
export async function unloadObject(session: Session, objectId: string): Promise<Unloaded> {
  const object = session.objects.get(objectId);
  const programIds = object.programs.map(({ info }) => info.id);
  const mapIds = object.maps.map(({ info }) => info.id);
  session.streams.release(mapIds);
  const attachmentIds = await detachObject(session, objectId);
  await session.objects.release(objectId);
  await untilGone(object.kernelObjects());
  return { objectId, programIds, mapIds, attachmentIds };
}

/** Detaches the programs of an own object, which stay loaded. @returns the attachments' ids */
export async function detachObject(session: Session, objectId: string): Promise<string[]> {
  return await detachAll(session, ({ traits }) => traits.objectId === objectId);
}

/**
 * Releases one own program, and its object when it was the last.
 * @throws program_not_found
 */
export async function unloadProgram(session: Session, programId: number): Promise<Unloaded> {
  const [object] = findProgram(session, programId);
  const { objectId, programs } = object;
  if (programs.length === 1) return await unloadObject(session, objectId);
  const attachmentIds = await detachAll(session, ({ traits }) => traits.programId === programId);
  object.unloadProgram(programId);
  await untilGone([{ kind: "program", id: programId }]);
  return { objectId, programIds: [programId], mapIds: [], attachmentIds };
}

async function detachAll(
  session: Session,
  wanted: (attachment: Attachment) => boolean,
): Promise<string[]> {
  const ids = session.attachments.entries()
    .filter(([, attachment]) => wanted(attachment))
    .map(([id]) => id);
  await Promise.all(ids.map((id) => session.attachments.release(id)));
  return ids;
}
