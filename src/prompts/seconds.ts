// How long to observe: an argument that several prompts have.
import * as z from "zod";
import { validationError } from "../errors.ts";

const mostSeconds = 600;

export const secondsArgument = z.string().max(4).regex(/^[1-9][0-9]*$/).default("10")
  .describe(`How long to observe, 1 to ${mostSeconds} seconds; 10 by default`);

export const secondsChoices: readonly string[] = ["10", "30", "60", "300", "600"];

/** @throws validation/value_out_of_range */
export function toMilliseconds(seconds: string): number {
  const count = Number(seconds);
  if (count <= mostSeconds) return count * 1000;
  throw validationError(
    "value_out_of_range",
    `Cannot observe for ${seconds} seconds: wanted 1 to ${mostSeconds}`,
  );
}
