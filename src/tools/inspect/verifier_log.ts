// The verifier's whole logs, a page of lines at a time.
import * as z from "zod";
import { resourceError } from "../../errors.ts";
import type { Session } from "../../session/session.ts";
import type { VerifierLog } from "../../session/verifier_logs.ts";
import { listOf, page, type PageRequest } from "../../view/page.ts";
import { visible } from "../../view/text.ts";
import { namePattern } from "./filters.ts";

export const verifierPage = z.object({
  items: z.array(z.object({
    object_id: z.string(),
    program: z.string().nullable().describe("null for a refused load: the text names it"),
    accepted: z.boolean(),
    first_line: z.int().describe("Counted from 1 in this program's log"),
    line_count: z.int().describe("Of the whole log"),
    text: z.string(),
  })),
  total: z.int().describe("Lines of all logs that were asked for"),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
});

export type VerifierPage = z.infer<typeof verifierPage>;

/** Which logs are asked for: all that match everything given. */
export interface LogChoice {
  readonly objectId?: string;
  readonly programIds?: readonly number[];
  readonly name?: string;
}

/** What stands around the text of one log: names, an id, three numbers. */
const LOG_BYTES = 224;

/** A line that takes its text alone in a page's budget, and a log's first what is around it. */
class Line {
  constructor(
    readonly log: VerifierLog,
    /** Counted from 1. */
    readonly number: number,
    readonly text: string,
  ) {}

  toJSON(): string {
    return this.number === 1 ? this.text.padEnd(this.text.length + LOG_BYTES) : this.text;
  }
}

/**
 * Lines of the chosen logs, oldest load first.
 * @throws resource/object_not_found when the session has no log of the object
 */
export function pageVerifierLogs(
  session: Session,
  choice: LogChoice,
  request: PageRequest,
): VerifierPage {
  const logs = chooseLogs(session, choice);
  const counts = new Map<VerifierLog, number>();
  const lines = logs.flatMap((log) => {
    const texts = visible(log.text).replace(/\n$/, "").split("\n");
    counts.set(log, texts.length);
    return texts.map((text, index) => new Line(log, index + 1, text));
  });
  const { objectId, name, programIds } = choice;
  const taken = page(
    listOf("inspect_state verifier", [objectId, name, programIds]),
    lines,
    { ...request, byteBudget: request.byteBudget - LOG_BYTES },
  );
  const items = [...Map.groupBy(taken.items, ({ log }) => log)].map(([log, part]) => ({
    object_id: log.objectId,
    program: log.program,
    accepted: log.accepted,
    first_line: part[0]?.number ?? 1,
    line_count: counts.get(log) ?? 0,
    text: part.map(({ text }) => text).join("\n"),
  }));
  return { ...taken, items };
}

function chooseLogs(session: Session, choice: LogChoice): VerifierLog[] {
  const { objectId, programIds, name } = choice;
  const all = session.verifierLogs.all();
  if (objectId !== undefined && !all.some((log) => log.objectId === objectId)) {
    throw resourceError("object_not_found", `This session has no verifier log of "${objectId}"`, {
      objects: [...new Set(all.map((log) => log.objectId))],
      hint: "the logs of the loads that were made last are kept, refused ones too",
    });
  }
  const matches = name === undefined ? () => true : namePattern(name);
  const wanted = programIds === undefined ? null : namesOf(session, programIds);
  return all.filter((log) => {
    if (objectId !== undefined && log.objectId !== objectId) return false;
    if (wanted !== null && !wanted.has(`${log.objectId} ${log.program}`)) return false;
    return matches(log.program ?? "");
  });
}

/** Programs of this session by id, as object and name. */
function namesOf(session: Session, programIds: readonly number[]): ReadonlySet<string> {
  const programs = session.objects.values().flatMap((object) => {
    return object.programs
      .filter(({ info }) => programIds.includes(info.id))
      .map(({ program }) => `${object.objectId} ${program.name}`);
  });
  return new Set(programs);
}
