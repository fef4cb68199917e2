// What a gadget says of itself: its question, parameters, needs, cost and blind spots.
import * as z from "zod";

const name = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/);
const line = z.string().min(1).max(200);
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/);

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

/** `manifest.json` in a gadget's folder. */
export const gadgetManifest = z.strictObject({
  title: line,
  /** What a person would ask to be answered by this gadget. */
  question: line,
  event_map: variable,
  event_type: variable,
  parameters: z.array(gadgetParameter).max(32).readonly(),
  needs: z.strictObject({
    /** The first Linux version that can load it. */
    kernel: z.string().regex(/^\d+\.\d+$/),
    capabilities: z.array(z.string().regex(/^CAP_[A-Z_]+$/)).max(8).readonly(),
    /** What else the kernel or the host must have. */
    features: z.array(line).max(8).readonly(),
  }).readonly(),
  /** What it costs the host while it runs. */
  cost: line,
  /** What it cannot see, so that an answer is not taken for more than it is. */
  blind_spots: z.array(line).max(16).readonly(),
}).readonly();

export type GadgetManifest = z.output<typeof gadgetManifest>;
