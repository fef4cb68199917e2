// What `doctor` reads of system_info's answer.
import * as z from "zod";
import { checkShape } from "./check.ts";
import { matrixShape } from "./feature_matrix.ts";
import { observingShape } from "./observing_answer.ts";

export const doctorAnswer = z.object({
  checks: z.array(checkShape),
  features: matrixShape,
  observing: observingShape,
  truncated: z.literal(true).optional(),
});

export type DoctorAnswer = z.infer<typeof doctorAnswer>;
