// What the host says about itself, as far as it decides what BPF can do here.
import { readDirectory, readText, statPath } from "../../ffi/file.ts";
import { rlimit, utsname } from "../../ffi/layouts/libc.ts";
import { libbpfVersion, libc } from "../../ffi/library.ts";
import { textUntilNul } from "../../ffi/memory.ts";
import { Struct } from "../../ffi/struct.ts";
import { EBPFError } from "../errors.ts";
import { parseCpuList } from "../view/cpu_list.ts";
import { visibleLine } from "../view/text.ts";
import { type KernelVersion, parseRelease } from "./kernel_release.ts";
import { type Lockdown, readLockdown } from "./lockdown.ts";
import { type Mount, readMounts } from "./mounts.ts";
import { parseStatus, type ProcessStatus } from "./process_status.ts";

export interface System {
  readonly hostname: string;
  readonly kernel: {
    readonly release: string;
    readonly version: KernelVersion | null;
    readonly build: string;
    readonly architecture: string;
    readonly pageBytes: number;
    /** Wall clock, milliseconds since the epoch. */
    readonly bootedAtMs: number | null;
  };
  readonly cpus: { readonly online: Cpus; readonly possible: Cpus };
  readonly btf: {
    /** null when the kernel has none. */
    readonly vmlinuxBytes: number | null;
    readonly modules: number;
  };
  readonly libbpf: { readonly version: string; readonly source: string } | { reason: string };
  readonly process: ProcessStatus & {
    /** False in a container with user namespaces: capabilities count for little there. */
    readonly initialUserNamespace: boolean;
    readonly limits: { readonly memlockBytes: Limit; readonly openFiles: Limit };
  };
  readonly lockdown: Lockdown;
  readonly settings: Settings;
  readonly mounts: readonly Mount[];
}

interface Cpus {
  /** As the kernel writes it: `0-3,8`. */
  readonly list: string | null;
  readonly count: number | null;
}

/** A resource limit; null stands for unlimited. */
export interface Limit {
  readonly soft: number | null;
  readonly hard: number | null;
}

/** Kernel settings; null when this kernel has no such setting or it cannot be read. */
export interface Settings {
  readonly bpfJitEnable: number | null;
  readonly bpfJitHarden: number | null;
  readonly bpfJitLimitBytes: number | null;
  readonly unprivilegedBpfDisabled: number | null;
  readonly bpfStatsEnabled: number | null;
  readonly perfEventParanoid: number | null;
  readonly kptrRestrict: number | null;
}

/** sys/resource.h, unistd.h */
const RLIMIT_NOFILE = 7;
const RLIMIT_MEMLOCK = 8;
const RLIM_INFINITY = 0xffffffffffffffffn;
const SC_PAGESIZE = 30;

/** Reads everything anew. */
export function readSystem(): System {
  const mounts = readMounts();
  const names = new Struct(utsname);
  libc().uname(names.bytes);
  const release = textUntilNul(names.field("release"));
  return {
    hostname: visibleLine(textUntilNul(names.field("nodename"))),
    kernel: {
      release,
      version: parseRelease(release),
      build: textUntilNul(names.field("version")),
      architecture: textUntilNul(names.field("machine")),
      pageBytes: Number(libc().sysconf(SC_PAGESIZE)),
      bootedAtMs: readBootTime(),
    },
    cpus: { online: readCpus("online"), possible: readCpus("possible") },
    btf: readBtfFiles(),
    libbpf: readLibbpf(),
    process: {
      ...parseStatus(readText("/proc/self/status") ?? ""),
      initialUserNamespace: /^\s*0\s+0\s+4294967295$/.test(readText("/proc/self/uid_map") ?? ""),
      limits: { memlockBytes: readLimit(RLIMIT_MEMLOCK), openFiles: readLimit(RLIMIT_NOFILE) },
    },
    lockdown: readLockdown(mounts),
    settings: readSettings(),
    mounts,
  };
}

/** Whether run counts of programs are kept for everybody; null when it cannot be told. */
export function statisticsEnabled(): boolean | null {
  const setting = readSetting("kernel/bpf_stats_enabled");
  return setting === null ? null : setting !== 0;
}

function readSettings(): Settings {
  return {
    bpfJitEnable: readSetting("net/core/bpf_jit_enable"),
    bpfJitHarden: readSetting("net/core/bpf_jit_harden"),
    bpfJitLimitBytes: readSetting("net/core/bpf_jit_limit"),
    unprivilegedBpfDisabled: readSetting("kernel/unprivileged_bpf_disabled"),
    bpfStatsEnabled: readSetting("kernel/bpf_stats_enabled"),
    perfEventParanoid: readSetting("kernel/perf_event_paranoid"),
    kptrRestrict: readSetting("kernel/kptr_restrict"),
  };
}

function readSetting(name: string): number | null {
  const text = readText(`/proc/sys/${name}`);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}

function readCpus(which: "online" | "possible"): Cpus {
  const list = readText(`/sys/devices/system/cpu/${which}`);
  return { list, count: list === null ? null : parseCpuList(list)?.length ?? null };
}

/** When the kernel started, in milliseconds since the epoch, exact to a second. */
export function readBootTime(): number | null {
  const seconds = /^btime (\d+)$/m.exec(readText("/proc/stat", 1 << 24) ?? "")?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function readBtfFiles(): System["btf"] {
  const vmlinux = statPath("/sys/kernel/btf/vmlinux");
  const names = readDirectory("/sys/kernel/btf");
  return {
    vmlinuxBytes: typeof vmlinux === "number" ? null : vmlinux.size,
    modules: typeof names === "number" ? 0 : names.filter((name) => name !== "vmlinux").length,
  };
}

function readLibbpf(): System["libbpf"] {
  try {
    return libbpfVersion();
  } catch (error) {
    if (error instanceof EBPFError) return { reason: error.message };
    throw error;
  }
}

function readLimit(resource: number): Limit {
  const limits = new Struct(rlimit);
  libc().getrlimit(resource, limits.bytes);
  const value = (limit: bigint) => limit === RLIM_INFINITY ? null : Number(limit);
  return { soft: value(limits.bigint("rlim_cur")), hard: value(limits.bigint("rlim_max")) };
}
