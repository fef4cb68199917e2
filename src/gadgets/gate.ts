// When the programs of a gadget may count: attaching many takes a while, and so does detaching.
import { fixedBytes } from "../../ffi/struct.ts";
import type { BpfMap } from "../kernel/bpf_map.ts";

/**
 * The map of a gadget whose programs belong together: an array of one __u32, 1 from when all are
 * attached until the first is detached.
 */
const GATE = "gate";

export function openGate(maps: readonly BpfMap[]): void {
  moveGate(maps, 1);
}

export function shutGate(maps: readonly BpfMap[]): void {
  moveGate(maps, 0);
}

/** A gadget without a gate counts while it is attached. */
function moveGate(maps: readonly BpfMap[], position: 0 | 1): void {
  const gate = maps.find(({ name }) => name === GATE);
  if (gate === undefined) return;
  const value = fixedBytes(gate.info.valueBytes);
  value[0] = position;
  gate.update(fixedBytes(gate.info.keyBytes), value);
}
