// Whether the main job works here, as an answer tells it.
import * as z from "zod";
import { errnoName } from "../../errno.ts";
import type { Observation } from "../../kernel/observing.ts";

export const observingShape = z.object({ works: z.boolean(), found: z.string() })
  .describe("The main job: to load an observing program and attach it");

export type ObservingAnswer = z.infer<typeof observingShape>;

const EPERM = 1;
const EACCES = 13;

export function describeObservation(observation: Observation): ObservingAnswer {
  if (observation.works) {
    const found = `a program was loaded and attached to raw tracepoint ${observation.tracepoint}`;
    return { works: true, found };
  }
  const { step, errno } = observation;
  const refused = errno === EPERM || errno === EACCES
    ? ": see capabilities, seccomp and lockdown"
    : "";
  return {
    works: false,
    found: `${step === "load" ? "loading" : "attaching"} a program that only returns is refused ` +
      `with ${errnoName(errno)}${refused}`,
  };
}
