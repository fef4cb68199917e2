// What an answer lacks because the host does not give it, and what would change that.
import * as z from "zod";

export const missingShape = z.array(
  z.object({ what: z.string(), why: z.string(), remedy: z.string() }),
).describe("What this host does not give");

export type Missing = z.infer<typeof missingShape>[number];
