// A place at which a program is attached, as a survey finds it.
import type { Owner } from "../../host/owners.ts";
import { type HookKind, hookKinds } from "./hook_kinds.ts";

export type HookFields = Readonly<Record<string, string | number>>;

export interface FoundHook {
  readonly kind: HookKind;
  /** Where, in one line, without the kind: "ingress veth0". */
  readonly place: string;
  readonly fields: HookFields;
  /** What the argument `target` is compared with. */
  readonly names: readonly string[];
  readonly programId: number | null;
  readonly linkId: number | null;
  /** Numbers that tell it from every other hook of its kind, for as long as it is there. */
  readonly key: readonly (number | bigint)[];
  /** Who keeps it, where that is neither the link's nor the program's holder. */
  readonly holders?: readonly Owner[];
}

/** Of the largest id, a control group's. */
const KEY_DIGITS = 20;

/** A text by which hooks are sorted: kinds in their order, then what tells them apart. */
export function sortKey({ kind, key }: FoundHook): string {
  const place = String(hookKinds.indexOf(kind)).padStart(2, "0");
  return [place, ...key.map((number) => String(number).padStart(KEY_DIGITS, "0"))].join(".");
}

/** Fields without those that are unknown. */
export function present(fields: Readonly<Record<string, string | number | null>>): HookFields {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== null) kept[name] = value;
  return kept;
}
