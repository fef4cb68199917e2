// The event types of a stream, through which a test acts in the middle of a walk.
import { Btf } from "../../src/btf/btf.ts";
import type { SourceKind } from "../../src/session/stream_source.ts";
import { StreamTypes } from "../../src/session/stream_types.ts";
import {
  type CompiledFilter,
  compileFilter,
  type StreamFilters,
} from "../../src/session/stream_filter.ts";
import { everyKind } from "./btf_samples.ts";

/** Calls `hook` whenever a record's type is asked for: its header is read, its bytes are not. */
export class HostileTypes extends StreamTypes {
  hook: () => void = () => {};

  readonly #btf: Btf;
  readonly #kind: SourceKind;

  constructor(kind: SourceKind) {
    const btf = Btf.parse(everyKind());
    super(btf, kind, undefined);
    this.#btf = btf;
    this.#kind = kind;
  }

  /** Filters as a stream compiles them. */
  filter(filters: StreamFilters): CompiledFilter | null {
    return compileFilter(this.#btf, this, this.#kind, filters);
  }

  override indexOf(length: number): number {
    this.hook();
    return super.indexOf(length);
  }
}
