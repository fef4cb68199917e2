// "$load.programs[0].program_id" in a plan's arguments: a value out of an earlier step's result.
import { validationError } from "../errors.ts";

/** A step and the way into its result. */
export interface Reference {
  readonly text: string;
  readonly step: string;
  readonly path: readonly (string | number)[];
}

const wholePattern = /^\$([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z_][A-Za-z0-9_-]*|\[[0-9]{1,9}\])*)$/;
const partPattern = /\.([A-Za-z_][A-Za-z0-9_-]*)|\[([0-9]{1,9})\]/g;

/**
 * The reference that a string is as a whole; null for other strings. `$$` stands for a dollar.
 * @throws validation/invalid_plan for a string that starts with one `$` but is no reference
 */
export function parseReference(text: string): Reference | null {
  if (!text.startsWith("$") || text.startsWith("$$")) return null;
  const match = wholePattern.exec(text);
  const step = match?.[1];
  if (step === undefined) {
    throw validationError(
      "invalid_plan",
      `Cannot read reference "${text}": wanted $STEP, $STEP.field or $STEP.list[0].field`,
      { reference: text, hint: "A text that starts with a dollar is written with two: $$" },
    );
  }
  const path = [...(match?.[2] ?? "").matchAll(partPattern)]
    .map(([, name, index]) => name ?? Number(index));
  return { text, step, path };
}

/** Every reference in the arguments, in order. */
export function referencesIn(value: unknown): Reference[] {
  if (typeof value === "string") {
    const reference = parseReference(value);
    return reference === null ? [] : [reference];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(referencesIn);
}

/**
 * The arguments with every reference replaced by its value, type and all.
 * @param results the results of the steps that succeeded
 * @throws validation/invalid_plan naming the reference that leads nowhere, and how far it led
 */
export function resolveReferences(value: unknown, results: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === "string") {
    const reference = parseReference(value);
    if (reference !== null) return follow(reference, results);
    return value.startsWith("$$") ? value.slice(1) : value;
  }
  if (Array.isArray(value)) return value.map((member) => resolveReferences(member, results));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, member]) => [name, resolveReferences(member, results)]),
  );
}

function follow(reference: Reference, results: ReadonlyMap<string, unknown>): unknown {
  const { text, step, path } = reference;
  if (!results.has(step)) {
    throw validationError("invalid_plan", `Cannot resolve "${text}": "${step}" gave no result`, {
      reference: text,
    });
  }
  let value = results.get(step);
  let place = `$${step}`;
  for (const key of path) {
    const next = memberOf(value, key);
    if (next === undefined) {
      throw validationError(
        "invalid_plan",
        `Cannot resolve "${text}": ${nowhere(place, value, key)}`,
        {
          reference: text,
          available: namesOf(value),
        },
      );
    }
    place += typeof key === "number" ? `[${key}]` : `.${key}`;
    value = next;
  }
  return value;
}

/** Own members only: a plan must not reach `constructor`. */
function memberOf(value: unknown, key: string | number): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (typeof key === "number" && !Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function nowhere(place: string, value: unknown, key: string | number): string {
  if (Array.isArray(value)) return `${place} has ${value.length} elements, wanted [${key}]`;
  const wanted = typeof key === "number" ? `[${key}]` : `"${key}"`;
  if (typeof value !== "object" || value === null) return `${place} is no object, wanted ${wanted}`;
  return `${place} has no ${wanted}`;
}

function namesOf(value: unknown): string[] {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.keys(value)
    : [];
}
