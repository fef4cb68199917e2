// Who has what BPF loaded on this host, and what it is for.
import * as z from "zod";
import { kernelId } from "../tools/loaded_shapes.ts";
import { definePrompt } from "./define_prompt.ts";
import { hostFacts, strangers } from "./facts.ts";
import { idFrom, Steps } from "./steps.ts";

export const whoUsesBpf = definePrompt({
  name: "who_uses_bpf",
  title: "Find out who uses BPF here",
  doc: "List who loaded which BPF programs on this host, where they are attached, what they do.",
  toolset: "reflect",
  effect: "read",
  arguments: z.strictObject({
    program_id: z.string().max(10).refine(isKernelId, "a kernel id, 1 to 4294967295").default("")
      .describe("Only this program and what belongs to it; all by default"),
  }),
  complete: {
    program_id: (_, { kernel }) => kernel.lists.ids("program").reverse().map(String),
  },
  render({ program_id }, context) {
    const steps = new Steps(context.tools);
    const ids = program_id === "" ? {} : { ids: [Number(program_id)] };
    steps.call(
      "inspect_state",
      { fields: ["programs"], limit: 100, ...ids },
      "each program with its owners (pid, comm), pins, links and maps. Without owner and pin it " +
        "is held by a link, a map of programs, or a hook that has no link.",
    );
    steps.call(
      "inspect_state",
      { fields: ["links", "maps"], limit: 100 },
      "where they are attached, and which maps they share.",
    );
    steps.call("inspect_hooks", {}, "hooks seen from the other side: also what has no link.");
    steps.step(
      "Read the resource bpf://programs/{id} of those whose purpose is not plain: it has the " +
        "instructions with their lines of source, and the kernel functions they call.",
    );
    steps.call(
      "map_dump",
      { map_id: idFrom("map_id of step 2"), max_entries: 20 },
      "where the contents of a map tell what it is for; not a ringbuf or perf_event_array.",
    );
    steps.step(
      "Answer with a table: owner (process, unit or container), programs, hooks, purpose as far " +
        "as it shows, and what it costs where run counts are known. Group what one loader made. " +
        "Say which programs have no owner that can be seen.",
    );
    const subject = program_id === "" ? "Who uses BPF" : `Who loaded BPF program ${program_id}`;
    const text = `${subject} on this host, and what for?\n${hostFacts(context)}\n\n` +
      `${steps.text}\n\n${strangers}`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});

/** Nothing, or what inspect_state takes among its ids. */
function isKernelId(text: string): boolean {
  return text === "" || (/^[1-9][0-9]*$/.test(text) && kernelId.safeParse(Number(text)).success);
}
