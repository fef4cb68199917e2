// One program type as it stands in an answer.
import * as z from "zod";
import type { AttachTypeFeature } from "../../kernel/features/attach_types.ts";
import type { KernelFeatures } from "../../kernel/features/features.ts";
import type { ProgramTypeFeature } from "../../kernel/features/program_types.ts";
import { type Verdict, verdictOf } from "./refusal_text.ts";

export const verdictShape = {
  accepted: z.boolean().nullable().describe("Whether this kernel takes it; null: why says"),
  errno_name: z.string().optional(),
  why: z.string().optional(),
};

const attachType = z.object({
  name: z.string(),
  ...verdictShape,
  link: z.boolean().nullable().describe("Whether the kernel makes a bpf_link of it"),
});

export const programTypeRow = z.object({
  name: z.string(),
  number: z.int(),
  description: z.string().optional(),
  ...verdictShape,
  since: z.string().optional().describe("First Linux version"),
  capability: z.string(),
  context: z.object({ program: z.string(), kernel: z.string() }).optional()
    .describe("C types: what programs get, and what the kernel has there"),
  sections: z.array(z.string()).describe("SEC() names; + may go on with /target"),
  attach_types: z.array(attachType),
});
export type ProgramTypeRow = z.infer<typeof programTypeRow>;

export function programTypeRowOf(
  type: ProgramTypeFeature,
  features: KernelFeatures,
  attachTypes: readonly AttachTypeFeature[],
): ProgramTypeRow {
  const { facts, capabilities, sections, context } = features.programTypeTraits(type.name);
  return {
    name: type.name,
    number: type.number,
    ...(facts === null ? {} : { description: facts.description }),
    ...verdictOf(type),
    ...(facts === null ? {} : { since: facts.since }),
    capability: capabilities.join(" and "),
    ...(context === null ? {} : { context: { ...context } }),
    sections: sections.map(({ section }) => section),
    attach_types: attachTypes.filter(({ programType }) => programType === type.name)
      .map((attach) => ({ name: attach.name, ...verdictWithout(type, attach), link: attach.link })),
  };
}

/** What holds for the type already need not be said again of its hooks. */
function verdictWithout(type: ProgramTypeFeature, attach: AttachTypeFeature): Verdict {
  const { why, ...verdict } = verdictOf(attach);
  return why === undefined || why === type.why ? verdict : { ...verdict, why };
}
