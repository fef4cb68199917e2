// `call --picture`: what a call counted, drawn on stdout for the person to redirect; what was lost
// is told on stderr.
import { internalError, validationError } from "../errors.ts";
import type { Connection } from "../server/connection.ts";
import type { Flag, FlagValues } from "../setting.ts";
import type { ToolResult } from "../tools/define_tool.ts";
import { type Terminal, UsageError } from "./command.ts";

/** The resources that draw a stream, by the flag that asks for them. */
const drawings = {
  picture: "pictures",
  "heat-map": "heat_maps",
  lines: "lines",
} as const;
export type Drawing = keyof typeof drawings;

export const pictureFlags: readonly Flag[] = [
  { name: "picture", kind: "switch", doc: "SVG: a flame graph or a histogram; redirect it" },
  { name: "heat-map", kind: "switch", doc: "SVG: a histogram over time; redirect it" },
  { name: "lines", kind: "switch", doc: "stacks (outer;inner COUNT), or a histogram's bars" },
];

/** @throws UsageError for two that exclude each other, and for SVG on a terminal */
export function wantedDrawing(flags: FlagValues, { stdout }: Terminal): Drawing | null {
  const [wanted, another] = pictureFlags.map(({ name }) => name).filter((name) => flags.has(name));
  if (wanted === undefined) return null;
  const other = another ?? ["json", "watch"].find((name) => flags.has(name));
  if (other !== undefined) {
    throw new UsageError(`--${wanted} and --${other} exclude each other: stdout has one of them`);
  }
  if (wanted !== "lines" && stdout.isTerminal()) {
    throw new UsageError(`--${wanted} writes SVG: redirect it, > ${wanted}.svg`);
  }
  return wanted === "picture" ? "picture" : wanted === "lines" ? "lines" : "heat-map";
}

/**
 * The picture of what a call has answered.
 * @throws EBPFError where the answer is about no stream that can be drawn
 */
export async function drawAnswer(
  connection: Connection,
  answer: ToolResult,
  drawing: Drawing,
  ending: AbortSignal,
): Promise<string> {
  const { picture } = answer;
  if (typeof picture !== "string") {
    throw validationError(
      "invalid_arguments",
      "Cannot draw this answer: it has neither stacks nor counts by size",
      {
        hint: "profile and off_cpu have stacks, latency gadgets have counts by size; events want " +
          'an aggregate with a histogram: {"compute": [{"op": "hist", "field": "latency_ns"}]}',
      },
    );
  }
  const uri = picture.replace("/pictures/", `/${drawings[drawing]}/`);
  const { registry: { library }, services } = connection;
  const { body } = await connection.run(uri, ending, (signal) => {
    return library.read(uri, services, signal);
  });
  if (typeof body !== "string") throw internalError(`${uri} is no text`);
  return body.trimEnd();
}

/** What a picture does not show: how it ended, what it cost and what was lost. */
export function accountText({ ended_by, dropped, missed_runs, cost, note }: ToolResult): string {
  const lost = [
    ...Object.entries(isFields(dropped) ? dropped : {}).map(([who, count]) => [
      `dropped.${who}`,
      count,
    ]),
    ["missed_runs", missed_runs],
  ].filter(([, count]) => count !== 0 && count !== undefined);
  const losses = lost.map(([what, count]) => `${what} ${count === null ? "not counted" : count}`);
  const percent = isFields(cost) ? `, cost ${cost.cpu_percent} % of a CPU` : "";
  return `ended by ${ended_by}${percent}; lost: ${losses.join(", ") || "nothing"}` +
    (typeof note === "string" ? `\n${note}` : "");
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
