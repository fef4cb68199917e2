// Every target, in the order of the code that an input meets.
import { btfTarget } from "./btf_target.ts";
import { elfTarget } from "./elf_target.ts";
import { stdioTarget } from "./stdio_target.ts";
import { toolTarget } from "./tool_target.ts";
import { valueTarget } from "./value_target.ts";
import { perfTarget } from "./perf_target.ts";
import { pipeTarget } from "./pipe_target.ts";
import { ringTarget } from "./ring_target.ts";
import type { Target } from "./target.ts";

export const targets: readonly Target[] = [
  elfTarget,
  btfTarget,
  valueTarget,
  ringTarget,
  perfTarget,
  stdioTarget,
  toolTarget,
  pipeTarget,
];

export function findTarget(name: string): Target | undefined {
  return targets.find((target) => target.name === name);
}
