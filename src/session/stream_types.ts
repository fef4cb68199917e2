// The event types of a stream: which struct a record is, and its decoder.
import type { Btf } from "../btf/btf.ts";
import { compileDecoder, type Decoder, type JsonValue } from "../btf/decode.ts";
import { type NamedStruct, suggestEventTypes } from "../btf/event_suggestions.ts";
import {
  type EventType,
  eventTypeCandidates,
  findEventType,
  type LengthReport,
  pickEventType,
} from "../btf/event_types.ts";
import { fieldsOf, hasField, unknownField } from "../btf/fields.ts";
import { structLayoutOf } from "../btf/layout_builder.ts";
import { validationError } from "../errors.ts";
import { mostEventTypes } from "./stream_queue.ts";
import type { SourceKind } from "./stream_source.ts";

/** Lengths that are remembered: a ring with argument lists has many. */
const mostLengths = 4096;

export class StreamTypes {
  readonly candidates: readonly EventType[];
  readonly #btf: Btf | null;
  readonly #report: LengthReport;
  readonly #byLength = new Map<number, number>();
  readonly #decoders = new Map<number, Decoder>();

  /**
   * The struct called `name`, or the candidates that the BTF names itself.
   * @throws validation/unknown_event_type
   */
  constructor(btf: Btf | null, kind: SourceKind, name: string | undefined) {
    this.#btf = btf;
    this.#report = { padding: kind === "perf" ? 7 : 0 };
    this.candidates = candidatesOf(btf, name).slice(0, mostEventTypes);
  }

  /** The candidates whose records can be told from those of the others. */
  get recognised(): readonly EventType[] {
    return this.candidates.filter((type) => {
      return pickEventType(this.candidates, type.size, { padding: 0 }) === type;
    });
  }

  /** The candidates; where there are none, structs to name in event_type for the records so far. */
  get offered(): readonly NamedStruct[] {
    if (this.candidates.length > 0 || this.#btf === null) {
      return this.candidates.map(({ name, size }) => ({ name, size }));
    }
    return suggestEventTypes(this.#btf, new Set(this.#byLength.keys()), this.#report);
  }

  /**
   * Refuses fields that no event has.
   * @throws validation/unknown_field, naming those there are
   */
  requireFields(paths: readonly string[]): void {
    const btf = this.#btf;
    const types = this.recognised;
    for (const path of paths) {
      if (btf !== null && types.some(({ typeId }) => hasField(btf, typeId, path))) continue;
      const [only] = types;
      if (btf !== null && types.length === 1) {
        throw unknownField(structLayoutOf(btf, only.typeId), path);
      }
      throw validationError(
        "unknown_field",
        `Cannot give the field "${path}": ` +
          (types.length === 0 ? "the type of the events is not known" : "no event type has it"),
        {
          event_types: btf === null ? [] : types.map(({ name, typeId }) => {
            return { event_type: name, fields: fieldsOf(btf, typeId).map((one) => one.name) };
          }),
          hint: "Name the struct of the events as event_type, or leave fields out",
        },
      );
    }
  }

  /** Index of the candidate that a record of `length` bytes is; -1 when it is none or several. */
  indexOf(length: number): number {
    const known = this.#byLength.get(length);
    if (known !== undefined) return known;
    const type = pickEventType(this.candidates, length, this.#report);
    const index = type === null ? -1 : this.candidates.indexOf(type);
    if (this.#byLength.size >= mostLengths) this.#byLength.clear();
    this.#byLength.set(length, index);
    return index;
  }

  /** Decodes a record of the candidate `index`, of which `length` may count padding. */
  decode(index: number, bytes: Uint8Array, offset: number, length: number): JsonValue {
    const type = this.candidates[index];
    const exact = type.flexible ? length : Math.min(length, type.size);
    return this.#decoder(index)(bytes, offset, exact);
  }

  #decoder(index: number): Decoder {
    const known = this.#decoders.get(index);
    if (known !== undefined) return known;
    if (this.#btf === null) throw new TypeError("there is no type without BTF");
    const decoder = compileDecoder(this.#btf, this.candidates[index].typeId);
    this.#decoders.set(index, decoder);
    return decoder;
  }
}

function candidatesOf(btf: Btf | null, name: string | undefined): readonly EventType[] {
  if (btf !== null) {
    return name === undefined ? eventTypeCandidates(btf) : [findEventType(btf, name)];
  }
  if (name === undefined) return [];
  throw validationError(
    "unknown_event_type",
    `Cannot find event type "${name}": the map's object has no BTF`,
    { event_type: name, hint: "Compile with -g, or read the records with format raw or base64" },
  );
}
