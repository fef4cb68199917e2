// Why something on this host is slow, from what BPF can see.
import * as z from "zod";
import { definePrompt } from "./define_prompt.ts";
import { gadgetLines, hostFacts, observerLines, strangers } from "./facts.ts";
import { ownProgramSteps } from "./own_program.ts";
import { secondsArgument, secondsChoices, toMilliseconds } from "./seconds.ts";
import { runQueueLatency } from "./sources.ts";
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
    steps.call("system_info", {}, "what this host can do, and what it lacks.");
    steps.call(
      "inspect_state",
      { fields: ["programs"], limit: 100 },
      "BPF programs that run already are in the way of what they hook. Where statistics are on, " +
        "run_time_ns / run_count is what each run costs; name those above a few microseconds.",
    );
    steps.call(
      "run_gadget",
      { gadget: "exec_snoop", duration_ms: durationMs, max_events: 200 },
      "processes that live for milliseconds never show in top. Many starts a second, or one " +
        "parent behind most of them, is a cause by itself.",
    );
    const more = [...gadgetLines(context), ...observerLines(context)];
    if (more.length > 0) {
      steps.step(`Choose what else fits the symptom; this server can watch:\n${more.join("\n")}`);
    }
    ownProgramSteps(steps, {
      name: "run_queue",
      source: runQueueLatency,
      programs: ["on_wakeup", "on_new", "on_switch"],
      map: "waits_by_log2_us",
      seconds: durationMs / 1000,
      question: "Do threads wait for a CPU?",
      reading: "the value of key n counts waits of 2^n to 2^(n+1) microseconds. Waits of over a " +
        "millisecond (keys from 10 on) in number mean that CPUs, not I/O, are short.",
    });
    steps.step(
      "Answer: what makes it slow, the figures that show it, what you could not look at and why, " +
        "and what was dropped or cut. Say so when nothing that was seen explains it.",
    );
    const text = `Something is slow: ${what}. Find out why.\n${hostFacts(context)}\n\n` +
      `${steps.text}\n\n${strangers}`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});
