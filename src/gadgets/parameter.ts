// A tunable of a gadget: what may be given, and the .rodata variable that it becomes.
import * as z from "zod";

/** Names and texts in a manifest. Schemas are made when a manifest is read, not at the start. */
export function manifestTexts() {
  return {
    name: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
    line: z.string().min(1).max(200),
    variable: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/),
  };
}

/**
 * A tunable of a gadget and the `.rodata` variable behind it. `default` null leaves the program's
 * own value, which means any.
 */
export function gadgetParameterSchema() {
  const { name, line, variable } = manifestTexts();
  const common = { name, doc: line, variable };
  const integer = z.strictObject({
    ...common,
    type: z.literal("integer"),
    minimum: z.int(),
    maximum: z.int(),
    default: z.int().nullable(),
  }).refine((one) => one.minimum <= one.maximum, "minimum is above maximum")
    .refine(
      (one) => one.default === null || (one.default >= one.minimum && one.default <= one.maximum),
      "default is out of bounds",
    );
  const boolean = z.strictObject({ ...common, type: z.literal("boolean"), default: z.boolean() });
  const text = z.strictObject({
    ...common,
    type: z.literal("text"),
    max_bytes: z.int().min(1).max(4096),
    /** The only ones that may be given. */
    choices: z.array(z.string().min(1).max(64)).min(1).max(16).readonly().optional(),
    default: z.string().nullable(),
  }).refine(
    (one) => one.default === null || (one.choices?.includes(one.default) ?? true),
    "default is not among the choices",
  );
  return z.discriminatedUnion("type", [integer, boolean, text]);
}

export type GadgetParameter = Readonly<z.output<ReturnType<typeof gadgetParameterSchema>>>;
