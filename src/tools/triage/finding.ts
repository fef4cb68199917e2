// What a triage found, as far as it is out of the ordinary.
import * as z from "zod";

export const areas = ["errors", "cpu", "disk", "network", "memory", "processes", "bpf"] as const;
export type Area = typeof areas[number];

export interface Finding {
  readonly area: Area;
  /** 0 to 100: how far it is from what a healthy host does. */
  readonly score: number;
  /** One sentence. */
  readonly what: string;
  /** The numbers behind it. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly confidence: "high" | "medium" | "low";
  /** The call that says more. */
  readonly next: { readonly tool: string; readonly arguments: Readonly<Record<string, unknown>> };
}

export const findingShape = z.object({
  area: z.enum(areas),
  score: z.int().min(0).max(100).describe("how unusual"),
  what: z.string(),
  evidence: z.record(z.string(), z.unknown()),
  confidence: z.enum(["high", "medium", "low"]),
  next: z.object({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) })
    .describe("the call that says more"),
});

/** Below this it is what healthy hosts do. */
export const UNUSUAL = 30;

/**
 * A score that is `base` where `value` is `usual`, and 20 more with each tenfold of it; at most 99.
 * 100 is for what has ended somebody's work already.
 */
export function scoreOf(value: number, usual: number, base = UNUSUAL): number {
  if (!(value > 0)) return 0;
  return Math.max(0, Math.min(99, Math.round(base + 20 * Math.log10(value / usual))));
}

/** Most unusual first. */
export function ranked(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ score }) => score >= UNUSUAL)
    .sort((one, other) => other.score - one.score || (one.what < other.what ? -1 : 1));
}
