// The stacks of a table's rows in words, while the processes are there that they are of.
import type { JsonObject, JsonValue } from "../btf/decode.ts";
import { EBPFError } from "../errors.ts";
import type { FieldMeaning } from "../gadgets/field.ts";
import type { BpfMap } from "../kernel/bpf_map.ts";
import { giveWay } from "../slices.ts";
import { frameText } from "../symbols/frame.ts";
import { readStack } from "../symbols/stacks.ts";
import type { Symbolizer } from "../symbols/symbolizer.ts";

type StackFormat = "kernel_stack" | "user_stack";

/** The rows with the most; those beyond keep their ids alone. */
const MOST_ROWS = 2_000;
/** Rows between two times that others are let in. */
const STRIDE = 32;
const EFAULT = 14;
const EEXIST = 17;

/** Why the kernel has no stack, as it answers in place of an id. */
const lost: ReadonlyMap<number, string> = new Map([
  [-EFAULT, "[none]"],
  [-EEXIST, "[lost: the map of stacks is full]"],
]);

/** Fields of a row that hold the id of a stack, with their formats. */
export function stackFields(
  fields: Readonly<Record<string, FieldMeaning>>,
): readonly (readonly [name: string, format: StackFormat])[] {
  return Object.entries(fields).flatMap(([name, { format }]) =>
    format === "kernel_stack" || format === "user_stack" ? [[name, format] as const] : []
  );
}

/** `user_stack` -> `user_frames` */
export function framesField(name: string): string {
  return `${name.replace(/_stack$/, "")}_frames`;
}

/**
 * The rows with the frames of their stacks beside the ids, the innermost first: `user_stack` gets
 * `user_frames`, a list of texts. A stack of a process is looked up by the row's field `pid`.
 * @throws the signal's reason
 */
export async function nameStacks(
  rows: readonly JsonObject[],
  fields: Readonly<Record<string, FieldMeaning>>,
  stacks: BpfMap,
  symbolizer: Symbolizer,
  signal: AbortSignal,
): Promise<JsonObject[]> {
  const wanted = stackFields(fields);
  const names = new StackNames(stacks, symbolizer);
  const named: JsonObject[] = [];
  for (const [index, row] of rows.entries()) {
    if (index % STRIDE === STRIDE - 1) await giveWay(signal);
    const frames: JsonObject = {};
    for (const [name, format] of index < MOST_ROWS ? wanted : []) {
      frames[framesField(name)] = await names.of(format, row[name] ?? null, row.pid ?? null);
    }
    named.push({ ...row, ...frames });
  }
  return named;
}

/** Each stack of each process is looked up once. */
class StackNames {
  readonly #stacks: BpfMap;
  readonly #symbolizer: Symbolizer;
  readonly #known = new Map<string, string[]>();

  constructor(stacks: BpfMap, symbolizer: Symbolizer) {
    this.#stacks = stacks;
    this.#symbolizer = symbolizer;
  }

  async of(format: StackFormat, id: JsonValue, pid: JsonValue): Promise<string[]> {
    if (typeof id !== "number") return [];
    if (id < 0) return [lost.get(id) ?? "[none]"];
    const process = format === "user_stack" ? Number(pid) : 0;
    const key = `${process} ${id}`;
    let frames = this.#known.get(key);
    if (frames === undefined) {
      frames = await this.#name(id, process);
      this.#known.set(key, frames);
    }
    return frames;
  }

  /** @param process 0 for the kernel */
  async #name(id: number, process: number): Promise<string[]> {
    const stack = this.#read(id);
    if (stack === null) return ["[gone]"];
    const frames = process === 0
      ? await this.#symbolizer.kernel(stack)
      : this.#symbolizer.user(process, stack);
    return frames.map(frameText);
  }

  #read(id: number): bigint[] | null {
    try {
      return readStack(this.#stacks, id);
    } catch (error) {
      if (error instanceof EBPFError) return null;
      throw error;
    }
  }
}
