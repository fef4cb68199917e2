// One look at the host: what is watched for the time of the triage, and what is made of it.
import type { Session } from "../../session/session.ts";
import type { Watch } from "../../gadgets/observation.ts";
import type { Services } from "../define_tool.ts";
import type { Area, Finding } from "./finding.ts";

export interface LookContext extends Pick<Services, "kernel" | "host"> {
  readonly session: Session;
  readonly watch: Watch;
}

export interface Seen {
  readonly findings: readonly Finding[];
  /** Events and rows that found no room: what was seen is less than there was. */
  readonly dropped: number;
  /** Of one CPU; null where the kernel does not count, or nothing was loaded. */
  readonly cpuPercent: number | null;
}

export interface Look {
  readonly name: string;
  readonly area: Area;
  /** @throws EBPFError when this host has not what it takes */
  take(context: LookContext): Promise<Seen>;
}
