// Programs on perf events: one link for each CPU, or one that follows a process.
import { errno } from "../../../ffi/errno.ts";
import { Fd } from "../../../ffi/fd.ts";
import { bpf_perf_event_opts } from "../../../ffi/layouts/libbpf_opts.ts";
import { perf_event_attr } from "../../../ffi/layouts/perf_event.ts";
import { libbpf } from "../../../ffi/library.ts";
import { Struct } from "../../../ffi/struct.ts";
import { systemCall } from "../../../ffi/syscalls.ts";
import { kernelError, validationError } from "../../errors.ts";
import { onlineCpus } from "../online_cpus.ts";
import { Link } from "../link.ts";
import type { Program } from "../program.ts";
import type { PerfEventSpec } from "./spec.ts";

const PERF_TYPE_HARDWARE = 0;
const PERF_TYPE_SOFTWARE = 1;
const PERF_FLAG_FD_CLOEXEC = 8;
/** The bit `freq` of the flags word that follows `read_format`. */
const ATTR_FREQ = 1n << 10n;
const EINVAL = 22;
const ENODEV = 19;
const ENOENT = 2;
const EOPNOTSUPP = 95;

/** linux/perf_event.h: type and config by the names that perf(1) uses. */
export const perf_events = {
  cpu_clock: [PERF_TYPE_SOFTWARE, 0],
  task_clock: [PERF_TYPE_SOFTWARE, 1],
  page_faults: [PERF_TYPE_SOFTWARE, 2],
  context_switches: [PERF_TYPE_SOFTWARE, 3],
  cpu_migrations: [PERF_TYPE_SOFTWARE, 4],
  minor_faults: [PERF_TYPE_SOFTWARE, 5],
  major_faults: [PERF_TYPE_SOFTWARE, 6],
  alignment_faults: [PERF_TYPE_SOFTWARE, 7],
  emulation_faults: [PERF_TYPE_SOFTWARE, 8],
  cpu_cycles: [PERF_TYPE_HARDWARE, 0],
  instructions: [PERF_TYPE_HARDWARE, 1],
  cache_references: [PERF_TYPE_HARDWARE, 2],
  cache_misses: [PERF_TYPE_HARDWARE, 3],
  branch_instructions: [PERF_TYPE_HARDWARE, 4],
  branch_misses: [PERF_TYPE_HARDWARE, 5],
} as const;

export type PerfEventName = keyof typeof perf_events;

export function isPerfEvent(name: string): name is PerfEventName {
  return Object.hasOwn(perf_events, name);
}

/** @throws link_attach_failed; ENOENT where the machine has no such counter */
export function attachPerfEvent(program: Program, spec: PerfEventSpec): Link[] {
  const cpus = eventCpus(spec);
  using owned = new DisposableStack();
  const links = cpus.map((cpu) => owned.use(attachOne(program, spec, cpu)));
  owned.move();
  return links;
}

function eventCpus({ pid, cpu }: PerfEventSpec): number[] {
  if (cpu !== undefined) return [cpu];
  return pid === undefined ? onlineCpus() : [-1];
}

function attachOne(program: Program, spec: PerfEventSpec, cpu: number): Link {
  using event = openEvent(program, spec, cpu);
  const options = new Struct(bpf_perf_event_opts).set("sz", bpf_perf_event_opts.size);
  const handle = libbpf().bpf_program__attach_perf_event_opts(
    program.handle,
    event.number,
    options.bytes,
  );
  if (handle === null) {
    const message = `Cannot attach "${program.name}" to perf event ${spec.event}`;
    throw kernelError("link_attach_failed", message, errno(), { event: spec.event, cpu });
  }
  event.release(); // the link owns it now
  return Link.fromHandle(handle);
}

function openEvent(program: Program, spec: PerfEventSpec, cpu: number): Fd {
  if (!isPerfEvent(spec.event)) throw unknownEvent(spec.event);
  const [type, config] = perf_events[spec.event];
  const attr = new Struct(perf_event_attr)
    .set("type", type)
    .set("size", perf_event_attr.size)
    .set("config", config);
  if (spec.frequency === undefined) {
    attr.set("sample_period", spec.period ?? 1);
  } else {
    attr.set("sample_freq", spec.frequency);
    const [offset, size] = perf_event_attr.fields.read_format;
    new DataView(attr.bytes.buffer).setBigUint64(offset + size, ATTR_FREQ, true);
  }
  const pid = spec.pid ?? -1;
  const fd = systemCall("perf_event_open", attr.bytes, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd >= 0) return new Fd(fd);
  const failure = errno();
  const missing = [ENOENT, ENODEV, EOPNOTSUPP].includes(failure) && type === PERF_TYPE_HARDWARE;
  throw kernelError(
    missing ? "feature_missing" : "link_attach_failed",
    `Cannot open perf event ${spec.event} for "${program.name}"`,
    failure,
    { event: spec.event, cpu, pid, hint: openHint(failure, missing) },
  );
}

function openHint(failure: number, missing: boolean): string {
  if (missing) {
    return "this machine has no hardware counters: use cpu_clock or another software event";
  }
  if (failure === 3) return "no process has this pid";
  if (failure === EINVAL || failure === ENODEV) return "see whether this CPU is online";
  return "needs CAP_PERFMON; see kernel.perf_event_paranoid and perf_event_max_sample_rate";
}

function unknownEvent(event: string): Error {
  return validationError("invalid_arguments", `No perf event is named "${event}"`, {
    events: Object.keys(perf_events),
  });
}
