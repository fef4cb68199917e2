// The filters that bpf/include/gadget.bpf.h gives every gadget, asked in the kernel.
import type { GadgetParameter } from "./parameter.ts";

/** As a manifest lists them; `container` and `tgid` follow from `cgroup` and `pid`. */
export const commonFilters = ["pid", "tid", "uid", "comm", "cgroup", "cpu"] as const;
export type CommonFilter = typeof commonFilters[number];

const most = { pid: 4_194_304, uid: 4_294_967_294, cpu: 8191, comm: 15 } as const;

const byFilter: Readonly<Record<Exclude<CommonFilter, "cgroup">, readonly GadgetParameter[]>> = {
  pid: [
    integer("pid", "Only this process, all its threads", "target_pid", 1, most.pid),
    integer("tgid", "The same as pid", "target_pid", 1, most.pid),
  ],
  tid: [integer("tid", "Only this thread", "target_tid", 1, most.pid)],
  uid: [
    integer(
      "uid",
      "Only this real user id, as the initial user namespace numbers it",
      "target_uid",
      0,
      most.uid,
    ),
  ],
  comm: [{
    name: "comm",
    doc: "Only threads of this name",
    variable: "target_comm",
    type: "text",
    max_bytes: most.comm,
    default: null,
  }],
  cpu: [integer("cpu", "Only what happens on this CPU", "target_cpu", 0, most.cpu)],
};

/** A parameter that is looked up on this host, and then stands for two variables. */
export interface GroupParameter {
  readonly name: "cgroup" | "container";
  readonly doc: string;
  readonly type: "cgroup" | "container";
}

/** What `cgroup` among a manifest's filters makes known. */
export const groupParameters: readonly GroupParameter[] = [
  {
    name: "cgroup",
    doc: "Only this control group (v2) and those below: a path as /system.slice/cron.service, " +
      "or an id",
    type: "cgroup",
  },
  {
    name: "container",
    doc: "Only this container (its id or the first digits, or its name) or systemd unit",
    type: "container",
  },
];

/** The other parameters that stand for these filters, as a manifest would write them. */
export function filterParameters(filters: readonly CommonFilter[]): readonly GadgetParameter[] {
  return filters.flatMap((filter) => filter === "cgroup" ? [] : byFilter[filter]);
}

function integer(
  name: string,
  doc: string,
  variable: string,
  minimum: number,
  maximum: number,
): GadgetParameter {
  return { name, doc, variable, type: "integer", minimum, maximum, default: null };
}
