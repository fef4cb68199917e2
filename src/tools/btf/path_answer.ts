// A path through types, as an answer shows it: each read, and the macro that makes them all.
import * as z from "zod";
import type { TypeId } from "../../btf/kind.ts";
import { followPath, type PathChain, type Read } from "../../btf/path_chain.ts";
import type { PathStep } from "../../btf/path_syntax.ts";
import type { TypeCatalogue } from "../../btf/type_catalogue.ts";
import { declarationText, typeText } from "../../btf/type_text.ts";

export const pathAnswer = z.object({
  type: z.string().describe("Of what the path leads to"),
  size: z.int().describe("Bytes"),
  reads: z.array(z.object({
    from: z.string().describe("What the address points to"),
    fields: z.string(),
    offset: z.int().describe("Bytes from the address"),
    size: z.int().describe("Bytes to read"),
    type: z.string(),
    bit_offset: z.int().optional().describe("Of a bitfield, from the address"),
    bits: z.int().optional(),
  })).describe(
    "One bpf_probe_read_kernel each; what a read but the last gives is the next address",
  ),
  core_read: z.string().nullable().describe("The same by libbpf's macros; null with an index"),
});

export type PathAnswer = z.infer<typeof pathAnswer>;

/** What following the steps from `root` takes. */
export function describePath(
  catalogue: TypeCatalogue,
  root: TypeId,
  steps: readonly PathStep[],
  path: string,
): PathAnswer {
  const { btf } = catalogue;
  const chain = followPath(btf, root, steps, path);
  const last = chain.reads[chain.reads.length - 1];
  return {
    type: typeText(btf, last.type),
    size: btf.sizeOf(last.type),
    reads: chain.reads.map((read) => describeRead(catalogue, read)),
    core_read: coreRead(catalogue, chain, steps),
  };
}

function describeRead({ btf }: TypeCatalogue, read: Read): PathAnswer["reads"][number] {
  const isBitfield = read.bitSize > 0;
  return {
    from: typeText(btf, read.from),
    fields: read.fields,
    offset: Math.floor(read.bitOffset / 8),
    size: read.bytes,
    type: typeText(btf, read.type),
    ...(isBitfield ? { bit_offset: read.bitOffset, bits: read.bitSize } : {}),
  };
}

/** `BPF_CORE_READ(p, mm, exe_file)` where `p` points to the root. */
function coreRead(
  { btf }: TypeCatalogue,
  { root, reads }: PathChain,
  steps: readonly PathStep[],
): string | null {
  if (steps.length === 0 || reads.some(({ fields }) => fields.startsWith("["))) return null;
  const fields = reads.map((read) => read.fields);
  const last = reads[reads.length - 1];
  const start = `/* ${declarationText(btf, root, "*p")} */`;
  if (last.bitSize > 0) {
    if (fields.length === 1) return `${start} BPF_CORE_READ_BITFIELD_PROBED(p, ${fields[0]})`;
    const before = fields.slice(0, -1).join(", "); // clang takes no macro inside the macro
    const next = `${declarationText(btf, last.from, "*q")} = BPF_CORE_READ(p, ${before});`;
    return `${start} ${next} BPF_CORE_READ_BITFIELD_PROBED(q, ${last.fields})`;
  }
  const kind = btf.kind(btf.resolve(last.type));
  if (kind === "array" || kind === "struct" || kind === "union") {
    return `${start} BPF_CORE_READ_INTO(&value, p, ${fields.join(", ")})`;
  }
  return `${start} BPF_CORE_READ(p, ${fields.join(", ")})`;
}
