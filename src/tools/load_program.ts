// load_program: an object file into the kernel, through the verifier.
import * as z from "zod";
import { CHECKSUM } from "../session/checksum.ts";
import type { LoadedObject } from "../session/loaded_object.ts";
import { object_limits } from "../session/limits.ts";
import { loadObject } from "../session/load_object.ts";
import { unloadObject } from "../session/release.ts";
import { BLOB_CHARACTERS } from "../session/object_source.ts";
import { lastLines } from "../view/last_lines.ts";
import { defineTool, type ToolContext } from "./define_tool.ts";
import { loadedMap, loadedProgram } from "./loaded_shapes.ts";

const path = z.string().min(1).max(4095);
const blob = z.string().min(1).max(BLOB_CHARACTERS);

const source = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("file"),
    path: path.describe("Below a folder that --objects allows; at most 64 MiB"),
  }),
  z.strictObject({
    type: z.literal("data"),
    blob: blob.describe("Base64 of at most 4 MiB"),
  }),
  z.strictObject({
    type: z.literal("gadget"),
    name: z.string().min(1).max(64).describe("Such as exec_snoop"),
  }),
]);

/** Of one map; what the kernel can hold in memory ends sooner. */
const MOST_ENTRIES = 2 ** 30;
const LOG_LINES = 10;
const MOST_PATHS = 10;
const LOG_BYTES = 1500;

export const loadProgram = defineTool({
  name: "load_program",
  title: "Load an eBPF object",
  doc: "Load a compiled eBPF object (ELF, clang -target bpf): make its maps, relocate by CO-RE, " +
    "let the verifier check each program (1-100 ms). Nothing runs before attach_program. A " +
    "refused one answers program_load_rejected with the verifier's last lines. Released by " +
    "unload_program or the session's end.",
  toolset: "deploy",
  effect: "change",
  needs: {
    capability: "CAP_BPF, and CAP_PERFMON or CAP_NET_ADMIN by program type",
    kernel: "5.10",
  },
  limits: { max_blob_bytes: object_limits.blobBytes, max_file_bytes: object_limits.fileBytes },
  maxTimeMs: 120_000,
  input: z.strictObject({
    source,
    name: z.string().regex(/^[\w.]{1,64}$/).optional()
      .describe("Prefix of internal maps' names; from the source by default"),
    checksum: z.string().regex(CHECKSUM).optional()
      .describe("sha256:HEX of the object, verified before anything opens it"),
    programs: z.array(z.string().min(1).max(128)).min(1).max(1024).optional()
      .describe("Only these; all by default"),
    btf: z.union([z.strictObject({ path }), z.strictObject({ blob })]).optional()
      .describe("Raw BTF to relocate against, where the kernel has none"),
    globals: z.record(z.string().min(1).max(128), z.unknown()).optional()
      .describe('First values of .rodata and .data variables: {"target_pid": 42}'),
    map_sizes: z.record(z.string().min(1).max(128), z.int().min(1).max(MOST_ENTRIES)).optional()
      .describe('max_entries instead of the object\'s: {"stackmap": 1024}'),
    constraints: z.strictObject({
      max_instructions: z.int().min(1).max(1_000_000).optional(),
      allowed_helpers: z.array(z.string().min(1).max(128)).max(512).optional()
        .describe("Calls of other helpers and kernel functions refuse the load"),
      verify_only: z.boolean().optional().describe("Load, report, release"),
    }).optional(),
  }),
  output: z.object({
    object_id: z.string().nullable().describe("For unload_program; null after verify_only"),
    name: z.string(),
    programs: z.array(loadedProgram),
    programs_total: z.int(),
    maps: z.array(loadedMap),
    maps_total: z.int(),
    truncated: z.boolean().describe("More programs or maps: see inspect_state with mine: true"),
    cleared_pin_paths: z.array(z.string()).optional()
      .describe("Where the object asked to pin maps: they are not pinned"),
    verifier_log: z.string().describe('Its last lines; all: inspect_state fields:["verifier"]'),
    released: z.boolean().describe("True after verify_only: the ids exist no more"),
  }),
  async run(args, context) {
    const { session, request } = context;
    const { constraints, ...rest } = args;
    const { verify_only: verifyOnly, ...limits } = constraints ?? {};
    const checked = constraints === undefined ? {} : { constraints: limits };
    const object = await loadObject(session, { ...rest, ...checked, signal: request.signal });
    const report = describe(object, context);
    if (verifyOnly !== true) return { ...report, object_id: object.objectId, released: false };
    await unloadObject(session, object.objectId);
    return { ...report, object_id: null, released: true };
  },
});

/** What was loaded, as much of it as the budget takes. */
function describe(object: LoadedObject, { session, kernel, request }: ToolContext) {
  const programs = object.programs.map(({ program, info }) => ({
    program_id: info.id,
    name: program.name,
    type: kernel.names.programType(info.type),
    section: program.section,
    instructions: program.instructionCount,
    verified_instructions: info.verifiedInstructions,
    tag: info.tag,
  }));
  const maps = object.maps.map(({ info }) => ({
    map_id: info.id,
    name: info.name,
    type: kernel.names.mapType(info.type),
    key_bytes: info.keyBytes,
    value_bytes: info.valueBytes,
    max_entries: info.maxEntries,
    flags: info.flags,
  }));
  const logs = session.verifierLogs.all().filter(({ objectId }) => objectId === object.objectId);
  const log = logs.map(({ program, text }) => `${program}:\n${text}`).join("");
  const verifier_log = lastLines(log, LOG_LINES, LOG_BYTES);
  const budget = request.byteBudget - LOG_BYTES - 400;
  const shownMaps = fitting(maps, budget / 2);
  const shownPrograms = fitting(programs, budget - jsonLength(shownMaps));
  return {
    name: object.name,
    programs: shownPrograms,
    programs_total: programs.length,
    maps: shownMaps,
    maps_total: maps.length,
    truncated: shownPrograms.length < programs.length || shownMaps.length < maps.length,
    ...(object.clearedPinPaths.length === 0
      ? {}
      : { cleared_pin_paths: object.clearedPinPaths.slice(0, MOST_PATHS) }),
    verifier_log,
  };
}

function fitting<Item>(items: readonly Item[], bytes: number): Item[] {
  let used = 0;
  const end = items.findIndex((item) => (used += jsonLength(item)) > bytes);
  return items.slice(0, end < 0 ? items.length : end);
}

function jsonLength(value: unknown): number {
  return JSON.stringify(value).length + 1;
}
