// One tracepoint as it stands in an answer.
import * as z from "zod";
import { EBPFError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { TracepointName } from "../../host/tracefs.ts";
import type { KernelView } from "../../kernel/kernel_view.ts";
import { cutValue } from "../../view/cut_value.ts";
import { jsonBytes } from "../../view/page.ts";
import type { Missing } from "../missing.ts";
import { RawTracepoints } from "./raw_arguments.ts";

export const tracepointFields = ["id", "arguments", "format", "btf_arguments"] as const;
export type TracepointPart = typeof tracepointFields[number];

/** JSON that marks a row as cut. */
const CUT_MARK_BYTES = 16;

const argument = { name: z.string(), type: z.string() };

export const tracepointRow = z.object({
  name: z.string().describe("category:name; the name alone where tracefs is missing"),
  category: z.string().nullable(),
  id: z.int().nullable().optional(),
  arguments: z.array(
    z.object({ ...argument, offset: z.int(), size: z.int(), signed: z.boolean() }),
  ).nullable().optional().describe("Of the record behind its 8 common bytes"),
  format: z.string().nullable().optional(),
  btf_arguments: z.array(z.object(argument)).nullable().optional()
    .describe("Of raw_tracepoint and tp_btf programs; null: it has no raw tracepoint"),
  cut: z.boolean().optional().describe("Alone it is over the byte budget"),
});
export type TracepointRow = z.infer<typeof tracepointRow>;

/** What is asked of the host and its kernel. */
export interface TracepointSource {
  readonly host: Pick<Host, "tracefs">;
  readonly kernel: Pick<KernelView, "types">;
}

export class TracepointRows {
  readonly #source: TracepointSource;
  readonly #fields: ReadonlySet<TracepointPart>;
  readonly #byteBudget: number;
  readonly #raw: RawTracepoints | null = null;
  /** What could not be asked, said once for all rows. */
  readonly missing: Missing[] = [];

  constructor(source: TracepointSource, fields: readonly TracepointPart[], byteBudget: number) {
    this.#source = source;
    this.#fields = new Set(fields);
    this.#byteBudget = byteBudget;
    if (!this.#fields.has("btf_arguments")) return;
    const raw = rawTracepoints(source.kernel);
    if (raw instanceof RawTracepoints) this.#raw = raw;
    else this.missing.push({ what: "btf_arguments", ...raw });
  }

  /** The row of a tracepoint that tracefs lists. */
  describe(tracepoint: TracepointName): TracepointRow {
    const { category, name } = tracepoint;
    return this.#fit({
      name: `${category}:${name}`,
      category,
      ...this.#described(tracepoint),
      ...this.#typed(name),
    });
  }

  /** The row of a raw tracepoint, of which only the kernel's types tell. */
  describeRaw(name: string): TracepointRow {
    return this.#fit({ name, category: null, ...this.#typed(name) });
  }

  #described(tracepoint: TracepointName): Partial<TracepointRow> {
    const fields = this.#fields;
    if (!fields.has("id") && !fields.has("arguments") && !fields.has("format")) return {};
    const found = this.#source.host.tracefs.format(tracepoint);
    const format = typeof found === "number" ? null : found;
    return {
      ...(fields.has("id") ? { id: format?.id ?? null } : {}),
      ...(fields.has("arguments") ? { arguments: format?.fields.slice() ?? null } : {}),
      ...(fields.has("format") ? { format: format?.print ?? null } : {}),
    };
  }

  #typed(name: string): Partial<TracepointRow> {
    if (this.#raw === null) return {};
    return { btf_arguments: this.#raw.arguments(name) };
  }

  /** A print format may be longer than an answer. */
  #fit(row: TracepointRow): TracepointRow {
    const { format } = row;
    if (typeof format !== "string" || jsonBytes(row) <= this.#byteBudget) return row;
    const others = jsonBytes({ ...row, format: "" }) + CUT_MARK_BYTES;
    const { value } = cutValue(format, Math.max(this.#byteBudget - others, 0));
    return { ...row, format: String(value), cut: true };
  }
}

/** Raw tracepoints, or why there are none. */
export function rawTracepoints(
  kernel: Pick<KernelView, "types">,
): RawTracepoints | Omit<Missing, "what"> {
  try {
    return new RawTracepoints(kernel.types);
  } catch (error) {
    if (!(error instanceof EBPFError)) throw error;
    const { hint } = error.context;
    return {
      why: error.message,
      remedy: hint ?? "run ebpf-mcp where /sys/kernel/btf/vmlinux is readable",
    };
  }
}
