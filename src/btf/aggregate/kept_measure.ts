// The first or the last value of a field, kept as it came.
import { validationError } from "../../errors.ts";
import type { FoundField } from "../fields.ts";
import { interpret } from "../interpret.ts";
import type { Layout } from "../layout.ts";
import { endOfText } from "../text.ts";
import type { JsonValue } from "../value.ts";
import type { GroupStore } from "./group_store.ts";
import type { Measure, ShapeBuilder } from "./measure.ts";

/** Of one value, in bytes. */
const longestKept = 256;

export class KeptMeasure implements Measure {
  readonly #fields: readonly (FoundField | null)[];
  readonly #which: "first" | "last";
  readonly #bytes: number;
  /** The value's length and its event type; the length is -1 while there is none. */
  readonly #place: number;

  /** @throws validation/invalid_arguments for values that may be long */
  constructor(
    readonly name: string,
    fields: readonly (FoundField | null)[],
    which: "first" | "last",
    shape: ShapeBuilder,
  ) {
    const sizes = fields.map((field) => field === null ? 0 : keptSize(field, which));
    this.#fields = fields;
    this.#which = which;
    this.#bytes = shape.kept(Math.max(...sizes));
    this.#place = shape.doubles(-1, 0);
  }

  clear(): void {}

  source(type: number): string {
    const field = this.#fields[type];
    if (field === null) return "";
    const { offset, layout } = field;
    const size = keptSize(field, this.#which);
    const need = offset + (layout.kind === "text" ? layout.need : size);
    const isFree = this.#which === "first" ? `&&x[b+${this.#place}]<0` : "";
    const start = offset === 0 ? "at" : `at+${offset}`;
    return `if(end>=at+${need}${isFree})` +
      `${this.name}.keep(store,g,${type},u8,${start},Math.min(${start}+${size},end));`;
  }

  keep(
    store: GroupStore,
    group: number,
    type: number,
    u8: Uint8Array,
    at: number,
    stop: number,
  ): void {
    const layout = this.#fields[type]?.layout;
    const isOne = layout?.kind === "text" && layout.texts === "one";
    const end = isOne ? endOfText(u8, at, stop) : stop;
    let to = group * store.keptStride + this.#bytes;
    for (let from = at; from < end; from++) store.kept[to++] = u8[from];
    const place = group * store.stride + this.#place;
    store.values[place] = end - at;
    store.values[place + 1] = type;
  }

  value(store: GroupStore, group: number): JsonValue {
    const place = group * store.stride + this.#place;
    const [length, type] = store.values.subarray(place, place + 2);
    const layout = this.#fields[type]?.layout;
    if (length < 0 || layout === undefined) return null;
    const at = group * store.keptStride + this.#bytes;
    return interpret(openEnded(layout), store.kept, at, at + length);
  }
}

/** A text takes what was kept of it, whatever it was declared as. */
function openEnded(layout: Layout): Layout {
  if (layout.kind !== "text" || layout.texts === "many") return layout;
  return { ...layout, size: 0, need: 0, end: "flexible" };
}

function keptSize({ path, layout }: FoundField, which: string): number {
  const size = layout.kind === "bits" ? Math.ceil((layout.shift + layout.width) / 8) : layout.size;
  const isOpen = (layout.kind === "text" || layout.kind === "array") && layout.end === "flexible";
  if (!isOpen && size <= longestKept) return size;
  throw validationError(
    "invalid_arguments",
    `Cannot keep the ${which} "${path}": it may be longer than ${longestKept} bytes`,
    { arguments: ["aggregate.compute"], field: path },
  );
}
