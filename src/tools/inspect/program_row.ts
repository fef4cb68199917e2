// A program as inspect_state shows it.
import * as z from "zod";
import { exactOrNull } from "../../btf/value.ts";
import type { ListedProgram } from "../../kernel/kernel_view.ts";
import { timeText } from "../describe_system.ts";
import { describeHook } from "./hook.ts";
import type { Inventory } from "./inventory.ts";
import { omittedShape, related, relatedShape, Shortened } from "./related.ts";

const BYTES_PER_INSTRUCTION = 8;
const NS_PER_MS = 1_000_000n;
const count = z.union([z.int(), z.string()]).nullable();

export const programRow = z.object({
  program_id: z.int(),
  name: z.string(),
  type: z.string(),
  tag: z.string(),
  attached: z.array(z.object({
    link_id: z.int().nullable().describe("null where the kernel has no link for this hook"),
    attachment_id: z.string().optional(),
    target: z.string(),
  })),
  run_count: count,
  run_time_ns: count,
  translated_instructions: z.int().describe("As the verifier rewrote them"),
  verified_instructions: z.int().nullable(),
  jited_bytes: z.int(),
  memory_bytes: z.int().nullable(),
  loaded_at: z.string().nullable(),
  uid: z.int(),
  gpl_compatible: z.boolean().nullable(),
  btf_id: z.int().nullable(),
  map_ids: z.array(z.int()),
  ...relatedShape,
  ...omittedShape,
});

export type ProgramRow = z.infer<typeof programRow>;

/** How run counts are kept, and when the kernel started: asked once for all rows. */
export interface Clock {
  readonly statisticsOn: boolean;
  readonly bootedAtMs: number | null;
}

export function describeProgram(
  program: ListedProgram,
  inventory: Inventory,
  clock: Clock,
): ProgramRow {
  const shortened = new Shortened();
  const { id } = program;
  const counted = clock.statisticsOn || (program.runCount ?? 0n) > 0n;
  const bootedAtMs = clock.bootedAtMs;
  const sinceBootMs = Number(program.loadedAtNs / NS_PER_MS);
  return {
    program_id: id,
    name: program.name,
    type: inventory.kernel.names.programType(program.type),
    tag: program.tag,
    attached: shortened.list("attached", attachedTo(id, inventory)),
    run_count: counted ? exactOrNull(program.runCount) : null,
    run_time_ns: counted ? exactOrNull(program.runTimeNs) : null,
    translated_instructions: program.translatedBytes / BYTES_PER_INSTRUCTION,
    verified_instructions: program.verifiedInstructions,
    jited_bytes: program.jitedBytes,
    memory_bytes: program.memoryBytes,
    loaded_at: bootedAtMs === null ? null : timeText(bootedAtMs + sinceBootMs),
    uid: program.uid,
    gpl_compatible: program.gplCompatible,
    btf_id: program.btfId,
    map_ids: shortened.list("map_ids", program.mapIds),
    ...related(inventory, "program", id, shortened),
    ...shortened.omitted(),
  };
}

/** Links that run the program, and this session's attachments that have none. */
function attachedTo(programId: number, inventory: Inventory): ProgramRow["attached"] {
  const mine = inventory.session.attachments.values().filter((attachment) => {
    return attachment.traits.programId === programId;
  });
  const linked = inventory.linksOf(programId).map((link) => {
    const owner = mine.find(({ linkIds }) => linkIds.includes(link.id));
    return {
      link_id: link.id,
      ...(owner === undefined ? {} : { attachment_id: owner.traits.attachmentId }),
      target: describeHook(link, inventory).text,
    };
  });
  const unlinked = mine.filter(({ linkIds }) => linkIds.length === 0).map(({ traits }) => {
    return { link_id: null, attachment_id: traits.attachmentId, target: traits.target };
  });
  return [...linked, ...unlinked];
}
