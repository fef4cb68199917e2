// The sum of a stream's events, for as many types as they have.
import { type Adder, type Aggregator, compileAggregator } from "../btf/aggregate/aggregator.ts";
import type { AggregateReport } from "../btf/aggregate/report.ts";
import type { AggregateSpec } from "../btf/aggregate/spec.ts";
import type { Spread } from "../btf/aggregate/spread.ts";
import type { Btf } from "../btf/btf.ts";
import type { QueuedRecord } from "./stream_queue.ts";
import { StreamSamples } from "./stream_samples.ts";
import type { StreamTypes } from "./stream_types.ts";

/** What was summed up between two looks. */
export interface StreamSum {
  readonly report: AggregateReport;
  readonly samples: readonly QueuedRecord[];
}

export class StreamAggregate {
  readonly samples = new StreamSamples();
  readonly #aggregator: Aggregator;
  readonly #adders: readonly (Adder | null)[];
  /** The memory of the last record that was added, by words. */
  #words: Uint32Array = new Uint32Array();
  #integers: Int32Array = new Int32Array();

  /** @throws validation/unknown_field, invalid_arguments as `compileAggregator` does */
  constructor(btf: Btf | null, types: StreamTypes, spec: AggregateSpec) {
    const { recognised } = types;
    const [seed] = crypto.getRandomValues(new Int32Array(1));
    this.#aggregator = compileAggregator(btf, recognised, spec, { seed });
    this.#adders = types.candidates.map((type) => {
      const index = recognised.indexOf(type);
      return index < 0 ? null : this.#aggregator.adders[index];
    });
  }

  /** What counts records of candidate `type` (-1: of no known one); null: they do not count. */
  adderOf(type: number): Adder | null {
    return type < 0 ? this.#aggregator.untyped : this.#adders[type];
  }

  /** Counts a record that was taken already; false when it does not count. */
  add({ bytes, offset, length, type, cpu }: QueuedRecord): boolean {
    const adder = this.adderOf(type);
    if (adder === null) return false;
    if (this.#words.buffer !== bytes.buffer) {
      this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
      this.#integers = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    }
    adder(bytes, this.#words, this.#integers, offset, length);
    if (--this.samples.due === 0) this.samples.keep(bytes, offset, length, type, cpu);
    return true;
  }

  /** How the values are spread that `take` would give; null without a histogram. */
  spread(): Spread | null {
    return this.#aggregator.spread();
  }

  /** Begins anew. */
  take(): StreamSum {
    return { report: this.#aggregator.take(), samples: this.samples.take() };
  }
}
