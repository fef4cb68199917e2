// One helper or kernel function as it stands in an answer.
import * as z from "zod";
import type { CallFeature } from "../../kernel/features/call_probes.ts";
import { verdictShape } from "./program_type_row.ts";
import { verdictOf } from "./refusal_text.ts";

const HELPER_PREFIX = "bpf_";
/** How a feature says that the verifier wants more than the call alone. */
const CONDITION = /^on a condition: /;

export const callRow = z.object({
  name: z.string(),
  id: z.int().describe("Of a helper its number, of a kfunc its type in vmlinux BTF"),
  ...verdictShape,
  condition: z.string().optional().describe("What the verifier said of the bare call"),
  prototype: z.string().optional(),
});
export type CallRow = z.infer<typeof callRow>;

export type CallKind = "helper" | "kfunc";

/** As C programs call it. */
export function callName({ name }: CallFeature, kind: CallKind): string {
  return kind === "helper" ? `${HELPER_PREFIX}${name}` : name;
}

export function callRowOf(call: CallFeature, kind: CallKind): CallRow {
  const condition = CONDITION.test(call.why) ? call.why.replace(CONDITION, "") : undefined;
  return {
    name: callName(call, kind),
    id: call.number,
    ...verdictOf(call),
    ...(condition === undefined ? {} : { condition }),
    ...(call.prototype === null ? {} : { prototype: call.prototype }),
  };
}
