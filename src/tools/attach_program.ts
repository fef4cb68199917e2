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

const probe = {
  path: path.describe("Executable or library, or a library's bare name such as libc.so.6"),
  symbol: z.string().min(1).max(512).optional(),
  offset: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional()
    .describe("Bytes into the symbol, or into the file without one"),
  pid: pid.optional().describe("Every process when absent"),
};

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
  z.strictObject({ type: z.literal("uprobe"), ...probe }),
  z.strictObject({ type: z.literal("uretprobe"), ...probe }),
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
});

export const attachProgramTool = defineTool({
  name: "attach_program",
  title: "Attach a program to a hook",
  doc: "Attach a program that load_program of this session gave (program_id) to a hook; it runs " +
    "from then on. `auto` attaches where the section name says. A program of another type than " +
    "the hook takes is refused before the kernel, with both named. `confirmed` is the kernel's " +
    "own answer, read back. Detached by detach_link, unload_program or the session's end. " +
    "Next: stream_events or map_dump to see what it reports.",
  toolset: "control",
  effect: "change",
  needs: { capability: "CAP_PERFMON for tracing, CAP_NET_ADMIN for networking", kernel: "5.10" },
  maxTimeMs: 30_000,
  input: z.strictObject({ program_id: kernelId, attachment }),
  output: attachmentShape.extend({
    confirmed: z.boolean().describe("The kernel, asked again, says that it is attached"),
  }),
  async run({ program_id, attachment }, { session, request }) {
    const attached = await attach(session, program_id, attachment, request.signal);
    return {
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

function isProbe<One extends { type: string }>(
  one: One,
): one is Extract<One, { type: "uprobe" | "uretprobe" }> {
  return one.type === "uprobe" || one.type === "uretprobe";
}
