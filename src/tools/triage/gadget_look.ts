// A look through a gadget: what its rows say is judged one by one.
import type { JsonObject } from "../../btf/decode.ts";
import { observeGadget, type Wish } from "../../gadgets/observation.ts";
import type { Area, Finding } from "./finding.ts";
import type { Look } from "./look.ts";

export interface Judged extends Pick<Finding, "score" | "what" | "evidence" | "confidence"> {
  /** Of the gadget, to look closer. */
  readonly params: Readonly<Record<string, unknown>>;
}

export interface GadgetLook {
  readonly area: Area;
  readonly wish: Wish;
  /** Findings of one gadget that are told at most. */
  readonly most: number;
  /** Null for a row that is ordinary. */
  judge(row: JsonObject, seconds: number): Judged | null;
}

export function lookWith({ area, wish, most, judge }: GadgetLook): Look {
  const { gadget } = wish;
  return {
    name: gadget,
    area,
    async take({ session, watch }) {
      const { rows, dropped, cost, seconds } = await observeGadget(session, wish, watch);
      const findings = rows.flatMap((row) => judge(row, seconds) ?? [])
        .sort((one, other) => other.score - one.score)
        .slice(0, most)
        .map(({ params, ...judged }): Finding => ({
          area,
          ...judged,
          next: { tool: "run_gadget", arguments: { gadget, params } },
        }));
      return { findings, dropped, cpuPercent: cost?.cpuPercent ?? null };
    },
  };
}

/** A row's number; 64-bit ones beyond 2^53 come as text. NaN for anything else. */
export function numberOf(value: unknown): number {
  return typeof value === "number" ? value : typeof value === "string" ? Number(value) : NaN;
}

/** To a tenth. */
export function perSecond(count: number, seconds: number): number {
  return Math.round(count / seconds * 10) / 10;
}
