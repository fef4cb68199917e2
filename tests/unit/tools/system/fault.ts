// A host with one thing wrong, and what the checks must say of it.
import type { Check, Facts } from "../../../../src/tools/system/check.ts";

export interface Fault {
  readonly given: string;
  readonly facts: Facts;
  readonly name: string;
  readonly status: Check["status"];
  readonly found: RegExp;
  readonly costs: RegExp;
  readonly repair?: string;
}
