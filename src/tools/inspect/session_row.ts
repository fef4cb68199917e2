// What a session owns, as inspect_state shows it.
import * as z from "zod";
import type { KernelNames } from "../../kernel/names.ts";
import type { Session } from "../../session/session.ts";
import type { SessionStream } from "../../session/streams.ts";
import { TableStream } from "../../session/table_stream.ts";
import { exactInteger } from "../../btf/value.ts";
import { omittedShape, Shortened } from "./related.ts";

const named = { name: z.string(), type: z.string() };

const objectRow = z.object({
  kind: z.literal("object"),
  object_id: z.string(),
  name: z.string(),
  programs: z.array(z.object({ program_id: z.int(), ...named })),
  maps: z.array(z.object({ map_id: z.int(), ...named })),
  ...omittedShape,
});

const attachmentRow = z.object({
  kind: z.literal("attachment"),
  attachment_id: z.string(),
  object_id: z.string(),
  program_id: z.int(),
  program_name: z.string(),
  target: z.string(),
  mechanism: z.string(),
  links: z.array(z.object({ link_id: z.int() })),
  ...omittedShape,
});

const streamRow = z.object({
  kind: z.literal("stream"),
  stream_id: z.string(),
  map_id: z.int().nullable(),
  map_name: z.string(),
  ended: z.string().nullable().describe("Why it takes no more events; null while it runs"),
  received: z.int(),
  returned: z.int(),
  aggregated: z.int(),
  filtered: z.int(),
  pending: z.int().describe("Waiting for read_stream"),
  dropped: z.object({ ours: z.int(), kernel: z.union([z.int(), z.string()]).nullable() }),
  per_second: z.number().nullable().describe("Events of late; null at its end, and of a table"),
  lag_ms: z.number().nullable().describe("How long the oldest has waited; null: none waits"),
  memory_bytes: z.int().describe("Of the queue, or of a table in the kernel"),
  cpu_percent: z.number().nullable().describe("Of one CPU, its programs; null: not known"),
});

export const sessionRow = z.discriminatedUnion("kind", [objectRow, attachmentRow, streamRow]);
export type SessionRow = z.infer<typeof sessionRow>;

/** Objects, then attachments, then streams, each in the order in which they were made. */
export function describeSession(session: Session, names: KernelNames): SessionRow[] {
  return [
    ...describeObjects(session, names),
    ...describeAttachments(session),
    ...describeStreams(session),
  ];
}

function describeObjects(session: Session, names: KernelNames): SessionRow[] {
  return session.objects.values().map((object) => {
    const shortened = new Shortened();
    const programs = object.programs.map(({ program, info }) => {
      return { program_id: info.id, name: program.name, type: names.programType(info.type) };
    });
    const maps = object.maps.map(({ info, name }) => {
      return { map_id: info.id, name, type: names.mapType(info.type) };
    });
    return {
      kind: "object",
      object_id: object.objectId,
      name: object.name,
      programs: shortened.list("programs", programs),
      maps: shortened.list("maps", maps),
      ...shortened.omitted(),
    };
  });
}

function describeAttachments(session: Session): SessionRow[] {
  return session.attachments.values().map(({ traits, linkIds, mechanism }) => {
    const shortened = new Shortened();
    return {
      kind: "attachment",
      attachment_id: traits.attachmentId,
      object_id: traits.objectId,
      program_id: traits.programId,
      program_name: traits.programName,
      target: traits.target,
      mechanism,
      links: shortened.list("links", linkIds.map((id) => ({ link_id: id }))),
      ...shortened.omitted(),
    };
  });
}

/** A table has no events that come or wait. */
function paceOf(stream: SessionStream) {
  const { memoryBytes } = stream instanceof TableStream ? stream : stream.gauge;
  const cost = stream.cost?.read() ?? null;
  const now = performance.now();
  const rate = stream instanceof TableStream || stream.end !== null
    ? null
    : stream.gauge.perSecond(now);
  const lag = stream instanceof TableStream ? null : stream.gauge.lagMs(now);
  return {
    per_second: rounded(rate),
    lag_ms: rounded(lag),
    memory_bytes: memoryBytes,
    cpu_percent: rounded(cost?.cpuPercent ?? null),
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}

function describeStreams(session: Session): SessionRow[] {
  return session.streams.values().map((stream) => {
    const { received, returned, aggregated, filtered, pending, dropped } = stream.counts;
    const kernel = dropped.kernel === null ? null : exactInteger(dropped.kernel);
    return {
      kind: "stream",
      stream_id: stream.id,
      map_id: stream.mapId,
      map_name: stream.mapName,
      ended: stream.end,
      received,
      returned,
      aggregated,
      filtered,
      pending,
      dropped: { ours: dropped.ours, kernel },
      ...paceOf(stream),
    };
  });
}
