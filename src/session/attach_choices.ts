// What an attachment may name, for schemas: tools may not import from the kernel layer.
import { perf_events, type PerfEventName } from "../kernel/attach/perf_event.ts";
import { cgroup_attach_types, type CgroupAttachType } from "../kernel/program_types.ts";

/** Perf events by name: software, then hardware. */
export const perfEvents = keysOf<PerfEventName>(perf_events);

/** Hooks of a control group by name. */
export const cgroupAttachTypes = keysOf<CgroupAttachType>(cgroup_attach_types);

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(table).filter((key): key is Key => Object.hasOwn(table, key));
}
