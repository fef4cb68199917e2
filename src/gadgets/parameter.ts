// A tunable of a gadget: what may be given, and the .rodata variable that it becomes.
import * as z from "zod";

export const name = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/);
export const line = z.string().min(1).max(200);
export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/);

/** What every parameter has. `default` null leaves the program's own value, which means any. */
const common = { name, doc: line, variable };

const integerParameter = z.strictObject({
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

const booleanParameter = z.strictObject({
  ...common,
  type: z.literal("boolean"),
  default: z.boolean(),
});

const textParameter = z.strictObject({
  ...common,
  type: z.literal("text"),
  max_bytes: z.int().min(1).max(4096),
  default: z.string().nullable(),
});

/** A tunable of a gadget and the `.rodata` variable behind it. */
export const gadgetParameter = z.discriminatedUnion("type", [
  integerParameter,
  booleanParameter,
  textParameter,
]);

export type GadgetParameter = Readonly<z.output<typeof gadgetParameter>>;
