// bpf://session/pictures/{stream_id}: what a gadget counted, drawn. And the same as lines.
import * as z from "zod";
import { validationError } from "../errors.ts";
import type { Session } from "../session/session.ts";
import { TableStream } from "../session/table_stream.ts";
import type { Services } from "../tools/define_tool.ts";
import { drawableOf, drawHistory, drawTable, tableLines } from "../tools/table_picture.ts";
import { defineResourceTemplate } from "./define_resource_template.ts";

const variables = z.strictObject({ stream_id: z.string().max(64) });
const complete = { stream_id: (_: string, { session }: Services) => drawable(session) };

export const pictureResource = defineResourceTemplate({
  uriTemplate: "bpf://session/pictures/{stream_id}",
  name: "picture",
  title: "A picture of what a gadget counted",
  doc: "One SVG document for a browser: a flame graph (click to zoom, / to search) of profile, " +
    "off_cpu or memory_growth, a histogram of a latency gadget. So far while it runs, the whole " +
    "after its end.",
  mimeType: "image/svg+xml",
  toolset: "stream",
  effect: "observe",
  variables,
  complete,
  read({ stream_id }, { session, request }) {
    return drawTable(tableOf(session, stream_id), request.signal);
  },
});

export const heatMapResource = defineResourceTemplate({
  uriTemplate: "bpf://session/heat_maps/{stream_id}",
  name: "heat_map",
  title: "What a latency gadget counted, over time",
  doc: "One SVG document for a browser: a column for each second of the last ten minutes, a row " +
    "for each range, darker where more fell.",
  mimeType: "image/svg+xml",
  toolset: "stream",
  effect: "observe",
  variables,
  complete,
  read({ stream_id }, { session }) {
    return drawHistory(tableOf(session, stream_id));
  },
});

export const linesResource = defineResourceTemplate({
  uriTemplate: "bpf://session/lines/{stream_id}",
  name: "lines",
  title: "What a gadget counted, as lines",
  doc: "Stacks with their counts (outer;inner COUNT), or a histogram's bars: for what draws by " +
    "itself, and for a terminal.",
  mimeType: "text/plain",
  toolset: "stream",
  effect: "observe",
  variables,
  complete,
  read({ stream_id }, { session, request }) {
    return tableLines(tableOf(session, stream_id), request.signal);
  },
});

/** Of those that can be drawn, the newest first. */
function drawable(session: Session): string[] {
  return session.streams.values()
    .filter((stream) => stream instanceof TableStream && drawableOf(stream) !== null)
    .map(({ id }) => id).reverse();
}

function tableOf(session: Session, id: string): TableStream {
  const stream = session.streams.get(id);
  if (stream instanceof TableStream) return stream;
  throw validationError(
    "invalid_arguments",
    `Cannot draw ${id}: it is a stream of events, not counted in the kernel`,
    { stream_id: id, streams: drawable(session), hint: "aggregate it with op hist instead" },
  );
}
