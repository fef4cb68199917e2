// Why something on this host is slow, from what BPF can see.
import * as z from "zod";
import { definePrompt } from "./define_prompt.ts";
import { gadgetLines, hostFacts, observerLines, strangers } from "./facts.ts";
import { secondsArgument, secondsChoices, toMilliseconds } from "./seconds.ts";
import { Steps } from "./steps.ts";

export const diagnoseLatency = definePrompt({
  name: "diagnose_latency",
  title: "Find out why something is slow",
  doc: "Narrow down on this host what makes a process or the whole host slow, step by step.",
  toolset: "stream",
  effect: "observe",
  arguments: z.strictObject({
    what: z.string().max(200).default("this host")
      .describe("What is slow: a process, a service, a symptom; this host by default"),
    seconds: secondsArgument,
  }),
  complete: { seconds: () => secondsChoices },
  render({ what, seconds }, context) {
    const durationMs = toMilliseconds(seconds);
    const steps = new Steps(context.tools);
    steps.call(
      "triage",
      { seconds: Math.min(durationMs / 1000, 60) },
      "what is out of the ordinary on the whole host, most unusual first. Each finding names the " +
        "next call: make those that fit the symptom.",
    );
    steps.call("system_info", {}, "what this host can do, and what it lacks.");
    steps.call(
      "inspect_state",
      { fields: ["programs"], limit: 100 },
      "BPF programs that run already are in the way of what they hook. Where statistics are on, " +
        "run_time_ns / run_count is what each run costs; name those above a few microseconds.",
    );
    steps.call(
      "run_gadget",
      { gadget: "run_queue_latency", duration_ms: durationMs },
      "waits for a CPU by process. A p99 of several milliseconds means that CPUs are short.",
    );
    steps.call(
      "run_gadget",
      { gadget: "off_cpu", duration_ms: durationMs },
      "where threads sleep, and who wakes them: locks, disks and peers show by their stacks.",
    );
    steps.call(
      "run_gadget",
      { gadget: "file_latency", duration_ms: durationMs },
      "slow opens, reads, writes and syncs, by path.",
    );
    steps.call(
      "run_gadget",
      { gadget: "exec_snoop", duration_ms: durationMs },
      "processes that live for milliseconds never show in top. Many starts a second, or one " +
        "parent behind most of them, is a cause by itself.",
    );
    const more = [...gadgetLines(context), ...observerLines(context)];
    if (more.length > 0) {
      steps.step(`Choose what else fits the symptom; this server can watch:\n${more.join("\n")}`);
    }
    steps.step(
      "Answer: what makes it slow, the figures that show it, what you could not look at and why, " +
        "and what was dropped or cut. Say so when nothing that was seen explains it.",
    );
    const text = `Something is slow: ${what}. Find out why.\n${hostFacts(context)}\n\n` +
      `${steps.text}\n\n${strangers}`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});
