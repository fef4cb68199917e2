// Queueing disciplines and filters as RTM_NEWQDISC and RTM_NEWTFILTER tell them.
import { tcmsg } from "../../../ffi/layouts/netlink.ts";
import { filter_attributes as numbers, rtnetlink } from "../../../ffi/netlink.ts";
import { type Attributes, integer, nested, readAttributes, textOf, wordOf } from "./attributes.ts";

export interface Qdisc {
  readonly ifindex: number;
  /** 0 for one that the kernel made by itself, which takes no filters. */
  readonly handle: number;
  readonly kind: string;
}

/** A class of a classful discipline. */
export interface TrafficClass {
  readonly handle: number;
}

/** A BPF program in a filter: it classifies, or it is one of the filter's actions. */
export interface FilterProgram {
  readonly role: "classifier" | "direct_action" | "action";
  readonly programId: number;
  /** As whoever attached it called it: often object and section. */
  readonly label: string | null;
}

export interface Filter {
  readonly handle: number;
  readonly priority: number;
  /** `bpf`, `flower`, `matchall`. */
  readonly kind: string;
  readonly chain: number;
  readonly programs: readonly FilterProgram[];
}

/** Where each kind of filter keeps its actions. */
const actionAttributes: ReadonlyMap<string, number> = new Map([
  ["bpf", numbers.TCA_BPF_ACT],
  ["u32", numbers.TCA_U32_ACT],
  ["route", numbers.TCA_ROUTE4_ACT],
  ["fw", numbers.TCA_FW_ACT],
  ["flow", numbers.TCA_FLOW_ACT],
  ["basic", numbers.TCA_BASIC_ACT],
  ["cgroup", numbers.TCA_CGROUP_ACT],
  ["flower", numbers.TCA_FLOWER_ACT],
  ["matchall", numbers.TCA_MATCHALL_ACT],
]);

/** Reads the payload of RTM_NEWQDISC; null when it is too short. */
export function parseQdisc(payload: Uint8Array): Qdisc | null {
  const attributes = tcAttributes(payload);
  if (attributes === null) return null;
  return {
    ifindex: integer(payload, tcmsg.fields.tcm_ifindex),
    handle: integer(payload, tcmsg.fields.tcm_handle),
    kind: textOf(attributes, rtnetlink.TCA_KIND) ?? "",
  };
}

/** Reads the payload of RTM_NEWTCLASS; null when it is too short. */
export function parseClass(payload: Uint8Array): TrafficClass | null {
  if (payload.length < tcmsg.size) return null;
  return { handle: integer(payload, tcmsg.fields.tcm_handle) };
}

/** Reads the payload of RTM_NEWTFILTER; null when it is too short. */
export function parseFilter(payload: Uint8Array): Filter | null {
  const attributes = tcAttributes(payload);
  if (attributes === null) return null;
  const kind = textOf(attributes, rtnetlink.TCA_KIND) ?? "";
  return {
    handle: integer(payload, tcmsg.fields.tcm_handle),
    priority: integer(payload, tcmsg.fields.tcm_info) >>> 16,
    kind,
    chain: wordOf(attributes, rtnetlink.TCA_CHAIN) ?? 0,
    programs: filterPrograms(kind, nested(attributes, rtnetlink.TCA_OPTIONS)),
  };
}

function tcAttributes(payload: Uint8Array): Attributes | null {
  return payload.length < tcmsg.size ? null : readAttributes(payload.subarray(tcmsg.size));
}

function filterPrograms(kind: string, options: Attributes): FilterProgram[] {
  const programs: FilterProgram[] = [];
  const programId = kind === "bpf" ? wordOf(options, numbers.TCA_BPF_ID) : null;
  if (programId !== null) {
    const flags = wordOf(options, numbers.TCA_BPF_FLAGS) ?? 0;
    const direct = (flags & numbers.TCA_BPF_FLAG_ACT_DIRECT) !== 0;
    const label = textOf(options, numbers.TCA_BPF_NAME);
    programs.push({ role: direct ? "direct_action" : "classifier", programId, label });
  }
  const place = actionAttributes.get(kind);
  if (place === undefined) return programs;
  for (const action of nested(options, place).values()) { // at most 32, numbered from 1
    const attributes = readAttributes(action);
    if (textOf(attributes, numbers.TCA_ACT_KIND) !== "bpf") continue;
    const inner = nested(attributes, numbers.TCA_ACT_OPTIONS);
    const id = wordOf(inner, numbers.TCA_ACT_BPF_ID);
    if (id === null) continue;
    programs.push({
      role: "action",
      programId: id,
      label: textOf(inner, numbers.TCA_ACT_BPF_NAME),
    });
  }
  return programs;
}
