// The field that says when an event was.
import { validationError } from "../../errors.ts";
import type { StructLayout } from "../layout.ts";

/** The fields that hold a time in nanoseconds, the first that an event has is taken. */
export const timestampFields = ["timestamp_ns", "ts", "timestamp", "time_ns"] as const;

/** @throws validation/unknown_field when there is none */
export function timeField(struct: StructLayout): string {
  const found = timestampFields.find((name) => struct.fields.some((field) => field.name === name));
  if (found !== undefined) return found;
  throw validationError(
    "unknown_field",
    `Cannot compute rate: the events have none of ${timestampFields.join(", ")}`,
    { arguments: ["aggregate.compute"], hint: "Name a field with a time in ns as field" },
  );
}
