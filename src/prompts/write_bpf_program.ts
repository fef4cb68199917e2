// From a question to a BPF program of one's own that runs here.
import * as z from "zod";
import { definePrompt } from "./define_prompt.ts";
import { hostFacts, strangers } from "./facts.ts";
import { compileCommand } from "./sources.ts";
import { idFrom, Steps, textOf } from "./steps.ts";

const hooks = [
  "tracepoint",
  "tp_btf",
  "raw_tracepoint",
  "kprobe",
  "fentry",
  "uprobe",
  "usdt",
  "xdp",
  "tcx",
  "cgroup",
  "lsm",
  "perf_event",
  "iter",
] as const;

export const writeBpfProgram = definePrompt({
  name: "write_bpf_program",
  title: "Write a BPF program",
  doc: "Write, compile, verify, attach and read a BPF program for one purpose, on this kernel.",
  toolset: "deploy",
  effect: "change",
  arguments: z.strictObject({
    goal: z.string().min(1).max(1000).describe("What the program shall find out or do"),
    hook: z.string().max(32).default("").describe("The kind of hook, where that is settled"),
  }),
  complete: { hook: () => hooks },
  render({ goal, hook }, context) {
    const steps = new Steps(context.tools);
    lookAround(steps);
    steps.step(
      'Write one file PROGRAM.bpf.c in libbpf\'s style: SEC() names, maps in SEC(".maps"), ' +
        "aggregate in the kernel (LRU hash or per-CPU array with a bound), zero every key and " +
        "event, read kernel memory with BPF_CORE_READ or through BTF pointers, license GPL. " +
        "Events go to a BPF_MAP_TYPE_RINGBUF; declare `struct event *unused " +
        'SEC(".event_types");` so that their type is in the BTF.',
    );
    steps.step(`Compile: ${compileCommand("PROGRAM")}`);
    runIt(steps);
    steps.step("Answer the goal with what was measured, and give the source.");
    const settled = hook === "" ? "" : ` The hook is to be: ${hook}.`;
    const text = `Write a BPF program for this: ${goal}\n${settled}\n${hostFacts(context)}\n\n` +
      `${steps.text}\n\n${strangers}`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});

/** What the program can hook, and what it finds there. */
function lookAround(steps: Steps): void {
  steps.call(
    "system_info",
    {},
    "which hooks this kernel has. Without kprobes or trampolines use tracepoints and tp_btf.",
  );
  steps.call("list_bpf_program_types", {}, "program types here, their sections and contexts.");
  steps.call(
    "list_tracepoints",
    { pattern: "sched", limit: 20 },
    "put a word of the goal in place of sched. A tracepoint is more stable than a function.",
  );
  steps.call(
    "list_kernel_functions",
    { pattern: "vfs_read", limit: 20 },
    "put the function's name in place of vfs_read: whether kprobe and fentry can take it.",
  );
  steps.call(
    "get_btf_types",
    { pattern: "task_struct" },
    "the layout of what the hook gives; put the type's name in place of task_struct.",
  );
}

/** From the object to its counts and events, and back. */
function runIt(steps: Steps): void {
  const path = textOf("absolute path of PROGRAM.bpf.o");
  steps.call(
    "load_program",
    { source: { type: "file", path }, constraints: { verify_only: true } },
    "the verifier's verdict, and nothing left behind. When it refuses, follow context.hint and " +
      "the prompt explain_verifier_rejection.",
  );
  steps.call(
    "load_program",
    { source: { type: "file", path } },
    "program_id, map_id, object_id.",
  );
  steps.call(
    "attach_program",
    { program_id: idFrom("program_id of the load"), attachment: { type: "auto" } },
    "auto takes the hook from the section's name; other types name it.",
  );
  steps.call(
    "map_dump",
    { map_id: idFrom("map_id of a map with counts"), max_entries: 100 },
    "what it counted, decoded by BTF.",
  );
  steps.call(
    "stream_events",
    { map_id: idFrom("map_id of the ringbuf"), duration_ms: 5000 },
    "its events, where it has a ringbuf, with how many were dropped.",
  );
  steps.call(
    "unload_program",
    { object_id: textOf("object_id of the load") },
    "when the question is answered.",
  );
}
