// map_dump: what is in a map.
import * as z from "zod";
import { validationError } from "../errors.ts";
import { dumpChosenMap } from "../session/open_map.ts";
import { defineTool } from "./define_tool.ts";
import { kernelId } from "./loaded_shapes.ts";

const MOST_ENTRIES = 100_000;
/** JSON around the entries. */
const FRAME_BYTES = 400;

export const mapDump = defineTool({
  name: "map_dump",
  title: "Read a map's elements",
  doc: "List the keys and values of a BPF map, decoded by its BTF (else hexadecimal). Own maps " +
    "by map_id or map_name, others' by map_id. Per-CPU maps give [{cpu, value}]. It may " +
    "change while it is read. A ringbuf or perf_event_array has no elements: use " +
    "stream_events.",
  toolset: "map_op",
  effect: "read",
  needs: { capability: "CAP_BPF; CAP_SYS_ADMIN for maps of others", kernel: "5.10" },
  limits: { max_entries: MOST_ENTRIES },
  maxTimeMs: 30_000,
  input: z.strictObject({
    map_id: kernelId.optional(),
    map_name: z.string().min(1).max(128).optional().describe("A map of this session"),
    max_entries: z.int().min(1).max(MOST_ENTRIES).default(1000),
    cursor: z.string().min(1).max(2048).optional(),
  }),
  output: z.object({
    map_id: z.int(),
    name: z.string(),
    type: z.string(),
    entries: z.array(z.object({
      key: z.unknown(),
      value: z.unknown(),
      cut: z.boolean().optional().describe("Only its beginning: alone it is over the budget"),
    })),
    typed: z.boolean().describe("Decoded by BTF; otherwise hexadecimal bytes in memory order"),
    total: z.int().nullable().describe("Elements now; null when there are over a million"),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
  }),
  async run({ map_id, map_name, max_entries, cursor }, { session, kernel, request }) {
    const page = await dumpChosenMap(session, choiceOf(map_id, map_name), {
      maxEntries: max_entries,
      byteBudget: request.byteBudget - FRAME_BYTES,
      cursor,
      signal: request.signal,
    });
    const { map, ...entries } = page;
    return { map_id: map.id, name: map.name, type: kernel.names.mapType(map.type), ...entries };
  },
});

function choiceOf(map_id: number | undefined, map_name: string | undefined) {
  if (map_id !== undefined && map_name === undefined) return { map_id };
  if (map_name !== undefined && map_id === undefined) return { map_name };
  throw validationError("invalid_arguments", "map_dump takes map_id or map_name, one of them", {
    accepted: ["map_id", "map_name", "max_entries", "cursor"],
  });
}
