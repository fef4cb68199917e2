// attach_program: a loaded program onto a hook.
import * as z from "zod";
import { attach } from "../session/attach_program.ts";
import { cgroupAttachTypes, perfEvents } from "../session/attach_choices.ts";
import { defineTool } from "./define_tool.ts";
import { attachmentShape, kernelId } from "./loaded_shapes.ts";

const kernelName = z.string().regex(/^[\w.:-]{1,128}$/);
const interfaceName = z.string().regex(/^[^\s/]{1,15}$/);
const path = z.string().min(1).max(4095);
const pid = z.int().min(1).max(4_194_304);

const bytes = z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional();
const userPath = path.describe("Executable, library, or a library's bare name");

/** Fixed by the load: a name here is held against the section. */
const fixed = kernelName.optional();

const attachment = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("auto") }),
  z.strictObject({ type: z.literal("tracepoint"), group: kernelName, name: kernelName }),
  z.strictObject({ type: z.literal("raw_tracepoint"), name: kernelName }),
  z.strictObject({
    type: z.literal("xdp"),
    interface: interfaceName,
    mode: z.enum(["auto", "native", "generic", "offload"]).default("auto"),
  }),
  z.strictObject({
    type: z.literal("tcx"),
    interface: interfaceName,
    direction: z.enum(["ingress", "egress"]),
  }),
  z.strictObject({
    type: z.literal(["uprobe", "uretprobe"]),
    path: userPath,
    symbol: z.string().min(1).max(512).optional(),
    offset: bytes.describe("Bytes into the symbol, else the file"),
    pid: pid.optional(),
  }),
  z.strictObject({
    type: z.literal("usdt"),
    path: userPath,
    provider: kernelName,
    name: kernelName,
    pid: pid.optional(),
  }),
  z.strictObject({
    type: z.literal(["kprobe", "kretprobe"]),
    function: kernelName,
    offset: bytes,
  }),
  z.strictObject({
    type: z.literal("kprobe_multi"),
    functions: z.array(kernelName).min(1).max(4096).optional(),
    glob: z.string().regex(/^[\w.*?]{1,128}$/).optional(),
  }),
  z.strictObject({ type: z.literal(["fentry", "fexit"]), function: fixed }),
  z.strictObject({ type: z.literal("lsm"), hook: fixed }),
  z.strictObject({ type: z.literal("iter"), target: fixed }),
  z.strictObject({
    type: z.literal("perf_event"),
    event: z.enum(perfEvents),
    period: z.int().min(1).max(Number.MAX_SAFE_INTEGER).optional().describe("Every N events"),
    frequency: z.int().min(1).max(100_000).optional().describe("N times a second"),
    pid: pid.optional(),
    cpu: z.int().min(0).max(8191).optional().describe("Every CPU when absent"),
  }),
  z.strictObject({
    type: z.literal("cgroup"),
    path: path.describe("A cgroup v2 directory"),
    attach_type: z.enum(cgroupAttachTypes),
  }),
]).refine((one) => one.type !== "perf_event" || hasOneRate(one), {
  message: "perf_event takes period or frequency, one of them",
}).refine((one) => !isProbe(one) || one.symbol !== undefined || one.offset !== undefined, {
  message: "give symbol, offset, or both",
}).refine((one) => one.type !== "kprobe_multi" || hasOneChoice(one), {
  message: "kprobe_multi takes functions or glob, one of them",
});

/** Of what an iterator wrote; a model reads it, and the answer has a budget. */
const MOST_OUTPUT_BYTES = 4_096;

export const attachProgramTool = defineTool({
  name: "attach_program",
  title: "Attach a program to a hook",
  doc: "Attach a program of this session (program_id, from load_program) to a hook; it runs from " +
    "then on. auto: where its section says, which also fixes the target of fentry, fexit, lsm " +
    "and iter. Without pid: every process. An iterator runs once: output is what it wrote. " +
    "Ends with detach_link, unload_program or the session. Next: stream_events or map_dump.",
  toolset: "control",
  effect: "change",
  needs: { capability: "CAP_PERFMON for tracing, CAP_NET_ADMIN for networking", kernel: "5.10" },
  maxTimeMs: 30_000,
  input: z.strictObject({ program_id: kernelId, attachment }),
  output: attachmentShape.extend({
    confirmed: z.boolean().describe("The kernel, asked again, says that it is attached"),
    output: z.object({ text: z.string(), truncated: z.boolean() }).optional(),
  }),
  async run({ program_id, attachment }, { session, request }) {
    const attached = await attach(session, program_id, attachment, request.signal);
    const output = attached.readOutput(MOST_OUTPUT_BYTES);
    return {
      ...(output === null ? {} : { output }),
      attachment_id: attached.traits.attachmentId,
      program_id,
      target: attached.traits.target,
      mechanism: attached.mechanism,
      links: attached.linkIds.map((link_id) => ({ link_id })),
      confirmed: attached.confirm(),
    };
  },
});

function hasOneRate(one: { period?: number; frequency?: number }): boolean {
  return (one.period === undefined) !== (one.frequency === undefined);
}

function hasOneChoice(one: { functions?: readonly string[]; glob?: string }): boolean {
  return (one.functions === undefined) !== (one.glob === undefined);
}

function isProbe<One extends { type: string }>(
  one: One,
): one is Extract<One, { type: "uprobe" | "uretprobe" }> {
  return one.type === "uprobe" || one.type === "uretprobe";
}
