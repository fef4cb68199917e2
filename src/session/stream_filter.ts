// A stream's filters as tests on raw bytes. A filter that no event type can answer is refused.
import { timestampFields } from "../btf/aggregate/time_field.ts";
import type { Btf } from "../btf/btf.ts";
import type { EventType } from "../btf/event_types.ts";
import { fieldsOf, hasField } from "../btf/fields.ts";
import { type Comparison, compilePredicate, type Predicate } from "../btf/predicate.ts";
import { validationError } from "../errors.ts";
import type { QueuedRecord } from "./stream_queue.ts";
import type { SourceKind } from "./stream_source.ts";
import type { StreamTypes } from "./stream_types.ts";

/** What a stream shall pass on; conditions are joined by "and". */
export interface StreamFilters {
  readonly pid?: number;
  readonly comm?: string;
  readonly cpu?: number;
  readonly min_timestamp_ns?: number | string;
  readonly where?: readonly Comparison[];
}

/** What passes, by event type. */
export interface CompiledFilter {
  /** For each candidate: its test, or null when its records never pass. */
  readonly predicates: readonly (Predicate | null)[];
  /** The perf buffer's CPU that records must come from, for types without a `cpu` of their own. */
  readonly bufferCpu: readonly (number | null)[];
  /** Whether a record of no known type passes, and from which CPU's buffer (null: any). */
  readonly untyped: { readonly pass: boolean; readonly cpu: number | null };
}

/** What one filter asks of an event: the first of these fields that it has. */
interface Condition {
  readonly filter: string;
  readonly fields: readonly string[];
  readonly op: Comparison["op"];
  readonly value: Comparison["value"];
  /** Answered by the perf buffer when the event has no such field. */
  readonly bufferCpu?: number;
}

/**
 * Null when there is nothing to test.
 * @throws validation/unknown_field when no type can answer, with the fields of each;
 *   validation/value_out_of_range, validation/invalid_arguments as `compilePredicate` does
 */
export function compileFilter(
  btf: Btf | null,
  types: StreamTypes,
  kind: SourceKind,
  filters: StreamFilters,
): CompiledFilter | null {
  const conditions = conditionsOf(filters, kind);
  if (conditions.length === 0) return null;
  const recognised = new Set(types.recognised);
  const outcomes = types.candidates.map((type) => {
    return btf === null || !recognised.has(type) ? null : compileFor(btf, type, conditions);
  });
  const byBuffer = conditions.every(({ bufferCpu }) => bufferCpu !== undefined);
  if (!byBuffer && outcomes.every((outcome) => outcome === null)) {
    throw unanswered(btf, types, recognised, conditions);
  }
  return {
    predicates: outcomes.map((outcome) => outcome?.predicate ?? null),
    bufferCpu: outcomes.map((outcome) => outcome?.bufferCpu ?? null),
    untyped: { pass: byBuffer, cpu: filters.cpu ?? null },
  };
}

function conditionsOf(filters: StreamFilters, kind: SourceKind): Condition[] {
  const conditions: Condition[] = [];
  const { pid, comm, cpu, min_timestamp_ns: time, where = [] } = filters;
  if (pid !== undefined) conditions.push({ filter: "pid", fields: ["pid"], op: "eq", value: pid });
  if (comm !== undefined) {
    conditions.push({ filter: "comm", fields: ["comm"], op: "eq", value: comm });
  }
  if (cpu !== undefined) {
    const bufferCpu = kind === "perf" ? cpu : undefined;
    conditions.push({ filter: "cpu", fields: ["cpu"], op: "eq", value: cpu, bufferCpu });
  }
  if (time !== undefined) {
    const filter = "min_timestamp_ns";
    conditions.push({ filter, fields: timestampFields, op: "ge", value: time });
  }
  for (const { field, op, value } of where) {
    conditions.push({ filter: `where ${field}`, fields: [field], op, value });
  }
  return conditions;
}

interface Outcome {
  readonly predicate: Predicate;
  readonly bufferCpu: number | null;
}

/** Null when the type lacks what a condition asks for. */
function compileFor(
  btf: Btf,
  type: EventType,
  conditions: readonly Condition[],
): Outcome | null {
  const comparisons: Comparison[] = [];
  let bufferCpu: number | null = null;
  for (const condition of conditions) {
    const field = condition.fields.find((name) => hasField(btf, type.typeId, name));
    if (field !== undefined) {
      comparisons.push({ field, op: condition.op, value: condition.value });
    } else if (condition.bufferCpu !== undefined) bufferCpu = condition.bufferCpu;
    else return null;
  }
  return { predicate: compilePredicate(btf, type.typeId, comparisons), bufferCpu };
}

function unanswered(
  btf: Btf | null,
  types: StreamTypes,
  recognised: ReadonlySet<EventType>,
  conditions: readonly Condition[],
): Error {
  const known = btf === null ? [] : [...recognised].map((type) => ({
    event_type: type.name,
    fields: fieldsOf(btf, type.typeId).map(({ name }) => name),
  }));
  const asked = conditions.map(({ filter }) => `"${filter}"`).join(" and ");
  const reason = types.candidates.length === 0
    ? "the type of the events is not known"
    : known.length === 0
    ? "the event types have the same size, so that no event can be told from another"
    : "no event type has the fields";
  return validationError("unknown_field", `Cannot filter by ${asked}: ${reason}`, {
    event_types: known,
    hint: known.length === 0
      ? "Name the struct of the events as event_type"
      : "Filter by the fields listed for one event type; events of other types are filtered out",
  });
}

/** Whether a record that waits in a queue passes. */
export type RecordTest = (record: QueuedRecord) => boolean;

/** The same test for records that were taken already. */
export function compileRecordTest(filter: CompiledFilter | null): RecordTest {
  if (filter === null) return () => true;
  const { predicates, bufferCpu, untyped } = filter;
  const isFrom = (wanted: number | null, cpu: number) => wanted === null || wanted === cpu;
  return ({ bytes, offset, length, type, cpu }) => {
    if (type < 0) return untyped.pass && isFrom(untyped.cpu, cpu);
    const predicate = predicates[type];
    if (predicate === null || !isFrom(bufferCpu[type], cpu)) return false;
    return predicate(bytes, offset, length);
  };
}
