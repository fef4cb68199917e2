// Names that models and scripts know from elsewhere, and which of our tools they mean.
import { didYouMean } from "../view/did_you_mean.ts";

const meant: ReadonlyMap<string, readonly string[]> = new Map([
  ["ebpf_load", ["load_program"]],
  ["load", ["load_program"]],
  ["deploy", ["load_program"]],
  ["ebpf_attach", ["attach_program"]],
  ["attach", ["attach_program"]],
  ["detach", ["detach_link"]],
  ["unload", ["unload_program"]],
  ["info", ["system_info", "inspect_state"]],
  ["hooks_inspect", ["inspect_state"]],
  ["trace", ["stream_events", "run_gadget"]],
  ["strace", ["trace_errors"]],
]);

/** What to call instead of a tool that does not exist, as a clause; empty when nothing is near. */
export function insteadOf(name: string, known: readonly string[]): string {
  const ours = meant.get(name)?.filter((tool) => known.includes(tool)) ?? [];
  if (ours.length > 0) return `; here it is ${ours.map((tool) => `"${tool}"`).join(" or ")}`;
  return didYouMean(name, known);
}
