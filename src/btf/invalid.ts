// What this folder throws: BTF that contradicts itself, and types too large to turn into values.
import { EBPFError, resourceError, validationError } from "../errors.ts";

/** BTF bytes that no compiler writes: `validation/invalid_btf`. */
export function invalidBtf(message: string, context: Record<string, unknown> = {}): EBPFError {
  return validationError("invalid_btf", `Cannot read BTF: ${message}`, context);
}

/** A type that is well formed, but would give more values than an answer can hold. */
export function typeTooLarge(what: string, count: number, limit: number): EBPFError {
  return resourceError(
    "limit_exceeded",
    `Cannot lay out type: it has ${count} ${what}, the limit is ${limit}`,
    { count, limit, hint: "Ask for the raw bytes instead" },
  );
}
