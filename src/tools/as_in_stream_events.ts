// Arguments that stream_events spells out in its schema: spelt out again in every tool that takes
// them, they would cost a client 1 KB each.
import * as z from "zod";
import { validationError } from "../errors.ts";

/** Any object: `checkedAs` checks it. */
export const asInStreamEvents = z.record(z.string().max(32), z.unknown());

/**
 * The value as `schema` takes it.
 * @throws validation/invalid_arguments naming the place that is wrong
 */
export function checkedAs<Output>(
  schema: z.ZodType<Output>,
  argument: string,
  value: unknown,
): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [argument, ...issue?.path.map(String) ?? []].join(".");
  throw validationError("invalid_arguments", `Cannot use ${place}: ${issue?.message}`, {
    arguments: [argument],
    hint: `${argument} is the same as in stream_events`,
  });
}
