// The second process of the demo: bpftool, which reads the kernel and has never heard of us.
import { run } from "../command.ts";

export type Kind = "prog" | "map" | "link";

/** What bpftool shows of one object, or null when the kernel has none of this id. */
export async function witness(kind: Kind, id: number): Promise<Record<string, unknown> | null> {
  const { code, stdout } = await run("bpftool", ["-j", kind, "show", "id", String(id)]);
  if (code !== 0) return null;
  const shown: unknown = JSON.parse(stdout);
  return isRecord(shown) && shown.id === id ? shown : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One line of proof: what was claimed, and whether the kernel agrees. */
export interface Proof {
  readonly claim: string;
  readonly holds: boolean;
}

/** Every object shows in the kernel with what we were told of it. */
export async function proveEqual(
  claim: string,
  kind: Kind,
  told: readonly { id: number; fields: Readonly<Record<string, unknown>> }[],
): Promise<Proof> {
  const differences: string[] = [];
  for (const { id, fields } of told) {
    const shown = await witness(kind, id);
    for (const [name, value] of Object.entries(fields)) {
      if (shown?.[name] !== value) differences.push(`${kind} ${id} ${name}: ${shown?.[name]}`);
    }
  }
  const verdict = differences.length === 0 ? "" : ` — differs: ${differences.join("; ")}`;
  return { claim: `${claim}${verdict}`, holds: told.length > 0 && differences.length === 0 };
}

/** None of these objects is in the kernel any more. */
export async function proveGone(
  claim: string,
  kind: Kind,
  ids: readonly number[],
): Promise<Proof> {
  const left: number[] = [];
  for (const id of ids) if (await witness(kind, id) !== null) left.push(id);
  const verdict = left.length === 0 ? "" : ` — still there: ${left.join(", ")}`;
  return { claim: `${claim}${verdict}`, holds: ids.length > 0 && left.length === 0 };
}
