// Which system calls fail, for whom, and with what.
import * as z from "zod";
import { definePrompt } from "./define_prompt.ts";
import { gadgetLines, hostFacts, observerLines, strangers } from "./facts.ts";
import { ownProgramSteps } from "./own_program.ts";
import { secondsArgument, secondsChoices, toMilliseconds } from "./seconds.ts";
import { failingSyscalls } from "./sources.ts";
import { Steps } from "./steps.ts";

export const findFailingSyscalls = definePrompt({
  name: "find_failing_syscalls",
  title: "Find system calls that fail",
  doc: "Find which processes get errors from the kernel, which calls fail, and with which errno.",
  toolset: "stream",
  effect: "observe",
  arguments: z.strictObject({
    comm: z.string().max(15).default("").describe("Only a process of this name; all by default"),
    seconds: secondsArgument,
  }),
  complete: { seconds: () => secondsChoices },
  render({ comm, seconds }, context) {
    const durationMs = toMilliseconds(seconds);
    const steps = new Steps(context.tools);
    const observers = [...observerLines(context), ...gadgetLines(context)];
    if (observers.length > 0) {
      const list = observers.join("\n");
      steps.step(`Prefer a tool or gadget of this server that reports errors itself:\n${list}`);
    }
    const params = comm === "" ? {} : { comm };
    steps.call(
      "trace_errors",
      { ...params, duration_ms: durationMs },
      "every failing call, counted in the kernel: which, whose, with which error, on what path " +
        "or address, and what it usually means; routine: true marks what healthy programs meet.",
    );
    steps.call(
      "run_gadget",
      { gadget: "exec_snoop", params, duration_ms: durationMs },
      "programs that could not be started: no failure hurts more than one of execve. An event " +
        "whose ret is not 0 has the error.",
    );
    steps.call(
      "list_tracepoints",
      { category: "raw_syscalls", fields: ["arguments"] },
      "what sys_exit tells of every system call: its number and its result.",
    );
    ownProgramSteps(steps, {
      name: "failing_syscalls",
      source: failingSyscalls,
      programs: ["on_sys_exit"],
      map: "failures",
      seconds: durationMs / 1000,
      question: "Count every failing system call in the kernel.",
      reading: "each key has comm, the system call's number and the errno, each value how often. " +
        `Sort by count${comm === "" ? "" : `, and take those of "${comm}"`}. Leave out what is ` +
        "normal: EAGAIN (11) and EINPROGRESS (115) of what does not block, ENOENT (2) of lookups " +
        "along a path, ETIMEDOUT (110) and EINTR (4) of waits.",
    });
    steps.step(
      "Answer: which process fails at which call with which error, how often a second, and what " +
        "that most likely means. Name system calls and errors, not numbers.",
    );
    const whose = comm === "" ? "on this host" : `of processes named "${comm}"`;
    const text = `Find the system calls ${whose} that fail.\n${hostFacts(context)}\n\n` +
      `${steps.text}\n\n${strangers}`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});
