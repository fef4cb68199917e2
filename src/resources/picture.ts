// bpf://session/pictures/{stream_id}: what a stream counted, drawn. And the same as lines.
import * as z from "zod";
import type { Session } from "../session/session.ts";
import type { Services } from "../tools/define_tool.ts";
import { drawableOf, drawHistory, drawStream, streamLines } from "../tools/stream_picture.ts";
import { defineResourceTemplate } from "./define_resource_template.ts";

const variables = z.strictObject({ stream_id: z.string().max(64) });
const complete = { stream_id: (_: string, { session }: Services) => drawable(session) };

export const pictureResource = defineResourceTemplate({
  uriTemplate: "bpf://session/pictures/{stream_id}",
  name: "picture",
  title: "A picture of what a stream counted",
  doc: "One SVG document for a browser: a flame graph (click to zoom, / to search) of profile, " +
    "off_cpu or memory_growth, a histogram of a latency gadget, or of events summed up with op " +
    "hist. So far while it runs, the whole after its end.",
  mimeType: "image/svg+xml",
  toolset: "stream",
  effect: "observe",
  variables,
  complete,
  read({ stream_id }, { session, request }) {
    return drawStream(session.streams.get(stream_id), request.signal);
  },
});

export const heatMapResource = defineResourceTemplate({
  uriTemplate: "bpf://session/heat_maps/{stream_id}",
  name: "heat_map",
  title: "What a stream counted by size, over time",
  doc: "One SVG document for a browser: a column for each second of the last ten minutes, a row " +
    "for each range, darker where more fell.",
  mimeType: "image/svg+xml",
  toolset: "stream",
  effect: "observe",
  variables,
  complete,
  read({ stream_id }, { session }) {
    return drawHistory(session.streams.get(stream_id));
  },
});

export const linesResource = defineResourceTemplate({
  uriTemplate: "bpf://session/lines/{stream_id}",
  name: "lines",
  title: "What a stream counted, as lines",
  doc: "Stacks with their counts (outer;inner COUNT), or a histogram's bars: for what draws by " +
    "itself, and for a terminal.",
  mimeType: "text/plain",
  toolset: "stream",
  effect: "observe",
  variables,
  complete,
  read({ stream_id }, { session, request }) {
    return streamLines(session.streams.get(stream_id), request.signal);
  },
});

/** Of those that can be drawn, the newest first. */
function drawable(session: Session): string[] {
  return session.streams.values()
    .filter((stream) => drawableOf(stream) !== null)
    .map(({ id }) => id).reverse();
}
