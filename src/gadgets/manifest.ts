// What a gadget says of itself: its question, output, filters, parameters, needs and blind spots.
import * as z from "zod";
import { commonFilters } from "./common_filters.ts";
import { fieldFormats, fieldMerges, fieldUnits } from "./field.ts";
import { gadgetParameterSchema, manifestTexts } from "./parameter.ts";

/** Where the answer comes from. */
function outputSchema() {
  const { variable } = manifestTexts();
  /** One struct per event, sent through a ring or a perf event array. */
  const events = z.strictObject({ type: z.literal("events"), map: variable, event: variable });
  /**
   * Counted in the kernel: one row per element of a hash, the fields of its key struct and of its
   * value struct side by side. Values of a per-CPU map are added up.
   */
  const table = z.strictObject({
    type: z.literal("table"),
    map: variable,
    /** The value's field by which rows are sorted, largest first. */
    sort: variable,
  });
  return z.discriminatedUnion("type", [events, table]);
}

/** A way to sum the events up that makes sense for this gadget; the first is the default. */
function aggregationSchema() {
  const { name, variable } = manifestTexts();
  /** One value computed over the events of a group; `count` alone needs no field. */
  const computed = z.strictObject({
    op: z.enum(["count", "sum", "min", "max", "avg", "p50", "p90", "p99", "hist"]),
    field: variable.optional(),
  });
  return z.strictObject({
    name,
    by: z.array(variable).max(8).readonly(),
    compute: z.array(computed).min(1).max(8).readonly(),
  });
}

/** What a field of an event or a row means, beyond its name and its C type. */
function fieldSchema() {
  return z.strictObject({
    doc: manifestTexts().line,
    unit: z.enum(fieldUnits).optional(),
    format: z.enum(fieldFormats).optional(),
    merge: z.enum(fieldMerges).optional(),
  });
}

function needsSchema() {
  return z.strictObject({
    /** The first Linux version that can load it. */
    kernel: z.string().regex(/^\d+\.\d+$/),
    capabilities: z.array(z.string().regex(/^CAP_[A-Z_]+$/)).max(8).readonly(),
    /** Tracepoints (`category:name`) without which it cannot answer. */
    tracepoints: z.array(z.string().regex(/^[a-z0-9_]+:[a-z0-9_]+$/)).max(64).readonly(),
    /** What else the kernel or the host must have. */
    features: z.array(manifestTexts().line).max(8).readonly(),
    /** What to do instead where that is missing. */
    instead: manifestTexts().line.optional(),
  });
}

/** Where the programs are attached of a gadget whose sections do not say it. */
function attachSchema() {
  const { name } = manifestTexts();
  const perfEvent = z.strictObject({
    type: z.literal("perf_event"),
    event: z.enum(["cpu_clock", "task_clock", "page_faults", "context_switches"]),
    /** The integer parameter that says how often in a second, on each CPU; it has a default. */
    frequency: name,
  });
  const tcx = z.strictObject({
    type: z.literal("tcx"),
    /** The text parameter that names the interface; without a default it has to be given. */
    interface: name,
    /** The text parameter that is "ingress" or "egress"; it has a default. */
    direction: name,
  });
  return z.discriminatedUnion("type", [perfEvent, tcx, uprobeSchema()]);
}

/**
 * Programs on functions of one file: the one that a parameter names; without it, of the process
 * that the filter `pid` names; without that, the first of `known` that has what is required.
 */
function uprobeSchema() {
  const { name, variable } = manifestTexts();
  const probe = z.strictObject({
    program: variable,
    on: z.enum(["entry", "return"]),
    /** Those that the file has; what is one function by two names gets one probe. */
    functions: z.array(variable).min(1).max(16).readonly(),
  });
  return z.strictObject({
    type: z.literal("uprobe"),
    /** The text parameter that names a file. */
    path: name,
    known: z.array(z.string().regex(/^\/[\w./+-]+$/).max(200)).max(16).readonly(),
    /** Functions without which a file is not the one. */
    requires: z.array(variable).min(1).max(16).readonly(),
    /** In the order in which they are attached. */
    probes: z.array(probe).min(1).max(32).readonly(),
  });
}

/** `manifest.json` in a gadget's folder. Made anew by each call, which takes a millisecond. */
export function gadgetManifestSchema() {
  const { line, variable } = manifestTexts();
  return z.strictObject({
    title: line,
    /** What a person would ask to be answered by this gadget. */
    question: line,
    /** Other words that such a question may use. */
    keywords: z.array(z.string().regex(/^[a-z0-9][a-z0-9_-]{1,31}$/)).max(24).readonly(),
    output: outputSchema(),
    /** Filters of bpf/include/gadget.bpf.h that its programs ask. */
    filters: z.array(z.enum(commonFilters)).max(commonFilters.length).readonly(),
    /** Its own parameters. */
    parameters: z.array(gadgetParameterSchema()).max(32).readonly(),
    /** Fields by name, without those of bpf/include/gadget.bpf.h: they are the same everywhere. */
    fields: z.record(variable, fieldSchema()),
    aggregations: z.array(aggregationSchema()).max(8).readonly(),
    attach: attachSchema().optional(),
    /** The lowest role that may run it, where that is not observer. */
    role: z.literal("operator").optional(),
    needs: needsSchema().readonly(),
    /** What it costs the host while it runs. */
    cost: line,
    /** What it cannot see, so that an answer is not taken for more than it is. */
    blind_spots: z.array(line).max(16).readonly(),
  }).readonly();
}

export type GadgetManifest = z.output<ReturnType<typeof gadgetManifestSchema>>;
export type GadgetAggregation = GadgetManifest["aggregations"][number];
