// One finding about this host: what is there, what it costs, and what repairs it.
import * as z from "zod";
import type { Standing } from "../../host/surroundings.ts";
import type { System } from "../../host/system.ts";
import type { Feature } from "../../kernel/features/feature.ts";

const text = z.string();

export const checkShape = z.object({
  name: text,
  status: z.enum(["ok", "degraded", "missing"]),
  found: text,
  costs: text.nullable(),
  repair: text.nullable().describe("A shell command for root, or null when none repairs it"),
});

export type Check = z.infer<typeof checkShape>;

/** What the checks judge. */
export interface Facts {
  readonly system: System;
  readonly standing: Standing;
  readonly features: {
    /** Whether the kernel's types can be read, from sysfs or by their id. */
    readonly hasBtf: boolean;
    readonly programTypes: readonly Feature[];
    readonly mapTypes: readonly Feature[];
    readonly attachTypes: readonly Feature[];
  };
}

/** What is not as it should be. */
interface Fault {
  readonly found: string;
  readonly costs: string;
  readonly repair?: string;
}

export function ok(name: string, found: string): Check {
  return { name, status: "ok", found, costs: null, repair: null };
}

/** It works in part, or it cannot be told. */
export function degraded(name: string, fault: Fault): Check {
  return { name, status: "degraded", repair: null, ...fault };
}

export function missing(name: string, fault: Fault): Check {
  return { name, status: "missing", repair: null, ...fault };
}

/** True for a process that the kernel would let use the capability. */
export function holds({ system }: Facts, capability: string): boolean {
  const { process } = system;
  return process.initialUserNamespace && process.capabilities.effective.includes(capability);
}

/** The same, or CAP_SYS_ADMIN, which stands for it. */
export function holdsOrAdmin(facts: Facts, capability: string): boolean {
  return holds(facts, capability) || holds(facts, "CAP_SYS_ADMIN");
}

/** True from Linux `major.minor` on, and where the version cannot be told. */
export function isAtLeast({ system }: Facts, major: number, minor: number): boolean {
  const { version } = system.kernel;
  if (version === null) return true;
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** A word for a shell. */
export function quoted(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
