// What a caller asked for, with its defaults; nonsense is refused before any type is looked at.
import { validationError } from "../../errors.ts";
import { aggregate_defaults, type AggregateSpec, type Computed } from "./spec.ts";

/** A spec whose every part is there. */
export interface CheckedSpec {
  readonly by: readonly string[];
  readonly columns: readonly NamedColumn[];
  readonly top: number;
  readonly sort: string | null;
}

/** A column under a name that no other part of a row has. */
export interface NamedColumn {
  readonly name: string;
  readonly computed: Computed;
}

const most = { by: 8, compute: 12 } as const;
/** Columns that have no order. */
const unordered: ReadonlySet<string> = new Set(["hist", "rate", "first", "last"]);

/** @throws validation/invalid_arguments */
export function checkSpec(spec: AggregateSpec): CheckedSpec {
  const by = [...new Set(spec.by ?? [])];
  const given = spec.compute ?? [];
  const compute: readonly Computed[] = given.length === 0 ? aggregate_defaults.compute : given;
  if (by.length > most.by) throw refused("by", `it has ${by.length} fields, at most ${most.by}`);
  if (compute.length > most.compute) {
    throw refused("compute", `it has ${compute.length} columns, at most ${most.compute}`);
  }
  compute.forEach(checkComputed);
  const taken = new Set(by);
  const columns = compute.map((computed): NamedColumn => {
    const name = freeName(computed, taken);
    taken.add(name);
    return { name, computed };
  });
  return { by, columns, top: spec.top ?? aggregate_defaults.top, sort: sortOf(spec, columns) };
}

function checkComputed({ op, field, scale, step, interval_ms }: Computed): void {
  const named = `compute ${op}`;
  if (op === "count" && field !== undefined) {
    throw refused(named, "it counts events and takes no field: filter by where, or group by it");
  }
  if (op !== "count" && op !== "rate" && field === undefined) {
    throw refused(named, "it wants a field");
  }
  if (op !== "hist" && (scale !== undefined || step !== undefined)) {
    throw refused(named, "scale and step are for hist");
  }
  if (scale === "linear" && step === undefined) throw refused(named, "linear wants a step");
  if (scale !== "linear" && step !== undefined) throw refused(named, "step is for scale linear");
  if (op !== "rate" && interval_ms !== undefined) throw refused(named, "interval_ms is for rate");
}

function freeName({ op, field }: Computed, taken: ReadonlySet<string>): string {
  const plain = field === undefined ? op : `${op}_${field}`;
  let name = plain;
  for (let count = 2; taken.has(name); count++) name = `${plain}_${count}`;
  return name;
}

function sortOf({ sort }: AggregateSpec, columns: readonly NamedColumn[]): string | null {
  const ordered = columns.filter(({ computed }) => !unordered.has(computed.op));
  if (sort === undefined) return ordered[0]?.name ?? null;
  if (ordered.some(({ name }) => name === sort)) return sort;
  const names = ordered.map(({ name }) => `"${name}"`).join(", ") || "none";
  throw refused("sort", `"${sort}" is no column that has an order; there is ${names}`);
}

function refused(part: string, why: string): Error {
  return validationError("invalid_arguments", `Cannot aggregate by this ${part}: ${why}`, {
    arguments: ["aggregate"],
  });
}
