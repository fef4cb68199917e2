// Hosts with one thing wrong, and what the checks must say of it.
import assert from "node:assert/strict";
import type { Check, Facts } from "../../../../src/tools/system/check.ts";
import { facts, holding, kernel, soundStanding, soundSystem } from "./sound_facts.ts";

const { settings, process } = soundSystem;
const EPERM = 1;
const EACCES = 13;
const EINVAL = 22;
const ENOSYS = 38;

function withoutOption(...names: string[]): Facts {
  const { config } = soundStanding;
  assert.ok(!("reason" in config));
  const options = new Map([...config.options].filter(([name]) => !names.includes(name)));
  return facts({}, { config: { ...config, options } });
}

const tracefsAt = (errno: number) => ({ path: "/sys/kernel/tracing", events: errno });

export interface Fault {
  readonly given: string;
  readonly facts: Facts;
  readonly name: string;
  readonly status: Check["status"];
  readonly found: RegExp;
  readonly costs: RegExp;
  readonly repair?: string;
}

export const faults: readonly Fault[] = [
  {
    given: "Linux 5.4",
    facts: facts({ kernel: kernel(5, 4) }),
    name: "kernel_version",
    status: "degraded",
    found: /^Linux 5\.4\.0 on x86_64$/,
    costs: /no fentry, no CO-RE \(since 5\.5\).*no ring buffer.*\(since 5\.8\)/,
  },
  {
    given: "Linux 4.9",
    facts: facts({ kernel: kernel(4, 9) }),
    name: "kernel_version",
    status: "missing",
    found: /4\.9/,
    costs: /no BTF/,
  },
  {
    given: "a release that is no version",
    facts: facts({ kernel: { ...kernel(6, 1), version: null, release: "custom" } }),
    name: "kernel_version",
    status: "degraded",
    found: /custom/,
    costs: /does not tell/,
  },
  {
    given: "no BTF",
    facts: facts({ btf: { vmlinuxBytes: null, modules: 0 } }),
    name: "btf",
    status: "missing",
    found: /vmlinux cannot be read/,
    costs: /no CO-RE/,
  },
  {
    given: "no kprobes",
    facts: withoutOption("KPROBE_EVENTS"),
    name: "kernel_config",
    status: "degraded",
    found: /^\/boot\/config-6\.12\.9 lacks KPROBE_EVENTS$/,
    costs: /^no kprobes: use tracepoints or fentry\. /,
  },
  {
    given: "no bpf(2)",
    facts: withoutOption("BPF_SYSCALL", "FPROBE"),
    name: "kernel_config",
    status: "missing",
    found: /lacks BPF_SYSCALL, FPROBE/,
    costs: /no BPF at all; no kprobe_multi/,
  },
  {
    given: "a configuration that cannot be read",
    facts: facts({}, { config: { reason: "neither can be read" } }),
    name: "kernel_config",
    status: "degraded",
    found: /^neither can be read$/,
    costs: /cannot tell/,
  },
  {
    given: "lockdown",
    facts: facts({ lockdown: { mode: "confidentiality", reason: null } }),
    name: "lockdown",
    status: "degraded",
    found: /^confidentiality$/,
    costs: /no kprobes/,
  },
  {
    given: "no securityfs",
    facts: facts({ lockdown: { mode: null, reason: "securityfs is not mounted" } }),
    name: "lockdown",
    status: "degraded",
    found: /securityfs is not mounted/,
    costs: /cannot tell/,
    repair: "mount -t securityfs securityfs /sys/kernel/security",
  },
  {
    given: "no capability",
    facts: holding([]),
    name: "capabilities",
    status: "missing",
    found: /^missing CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_SYS_ADMIN, .*CAP_SYSLOG$/,
    costs: /CAP_PERFMON: no tracing programs/,
    repair: "setcap cap_bpf,cap_perfmon,cap_net_admin,cap_sys_admin,cap_sys_ptrace," +
      "cap_dac_read_search,cap_syslog+ep /usr/bin/ebpf-mcp",
  },
  {
    given: "CAP_BPF and CAP_PERFMON alone",
    facts: holding(["CAP_BPF", "CAP_PERFMON"]),
    name: "capabilities",
    status: "degraded",
    found: /^missing CAP_NET_ADMIN, CAP_SYS_ADMIN,/,
    costs: /CAP_SYS_ADMIN: no lists of programs, maps and links/,
    repair: "setcap cap_net_admin,cap_sys_admin,cap_sys_ptrace,cap_dac_read_search,cap_syslog+ep" +
      " /usr/bin/ebpf-mcp",
  },
  {
    given: "CAP_SYS_ADMIN alone, which stands for others",
    facts: holding(["CAP_SYS_ADMIN"]),
    name: "capabilities",
    status: "degraded",
    found: /^missing CAP_NET_ADMIN, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH$/,
    costs: /CAP_SYS_PTRACE: owners/,
    repair: "setcap cap_net_admin,cap_sys_ptrace,cap_dac_read_search+ep /usr/bin/ebpf-mcp",
  },
  {
    given: "capabilities that nobody can get here",
    facts: holding(["CAP_SYS_ADMIN"], ["CAP_SYS_ADMIN"]),
    name: "capabilities",
    status: "degraded",
    found: /outside the bounding set: CAP_NET_ADMIN, .*only who started us can give them/,
    costs: /CAP_NET_ADMIN/,
  },
  {
    given: "a user namespace of our own",
    facts: facts({ process: { ...process, initialUserNamespace: false } }),
    name: "capabilities",
    status: "missing",
    found: /in a user namespace of our own/,
    costs: /start us in the host's/,
  },
  {
    given: "file capabilities that no_new_privs takes away",
    facts: facts({ process: { ...process, noNewPrivs: true } }, {
      fileCapabilities: { permitted: ["CAP_BPF"], inheritable: [], effective: true },
    }),
    name: "file_capabilities",
    status: "degraded",
    found: /has CAP_BPF, which no_new_privs takes away/,
    costs: /no effect/,
  },
  {
    given: "file capabilities that cannot be read",
    facts: facts({}, { fileCapabilities: EACCES }),
    name: "file_capabilities",
    status: "degraded",
    found: /cannot be read: EACCES/,
    costs: /cannot tell/,
  },
  {
    given: "BPF for everybody",
    facts: facts({ settings: { ...settings, unprivilegedBpfDisabled: 0 } }),
    name: "unprivileged_bpf_disabled",
    status: "degraded",
    found: /is 0/,
    costs: /nothing for us/,
    repair: "sysctl -w kernel.unprivileged_bpf_disabled=2",
  },
  {
    given: "no JIT",
    facts: facts({ settings: { ...settings, bpfJitEnable: 0 } }),
    name: "jit",
    status: "degraded",
    found: /bpf_jit_enable is 0/,
    costs: /interpreted/,
    repair: "sysctl -w net.core.bpf_jit_enable=1",
  },
  {
    given: "a JIT that cannot be told",
    facts: facts({ settings: { ...settings, bpfJitEnable: null } }),
    name: "jit",
    status: "degraded",
    found: /cannot be read/,
    costs: /cannot tell/,
  },
  {
    given: "a paranoid kernel without CAP_PERFMON",
    facts: holding(["CAP_BPF"]),
    name: "perf_event_paranoid",
    status: "degraded",
    found: /is 2, and CAP_PERFMON is missing/,
    costs: /no kprobes, uprobes and tracepoints/,
    repair: "sysctl -w kernel.perf_event_paranoid=-1",
  },
  {
    given: "no perf events",
    facts: facts({ settings: { ...settings, perfEventParanoid: null } }),
    name: "perf_event_paranoid",
    status: "missing",
    found: /cannot be read/,
    costs: /by perf event/,
  },
  {
    given: "addresses that nobody sees",
    facts: facts({ settings: { ...settings, kptrRestrict: 2 } }, { kernelSymbols: "hidden" }),
    name: "kptr_restrict",
    status: "degraded",
    found: /every address is 0; kernel\.kptr_restrict is 2/,
    costs: /without addresses/,
    repair: "sysctl -w kernel.kptr_restrict=1",
  },
  {
    given: "no kallsyms",
    facts: facts({}, { kernelSymbols: "unreadable" }),
    name: "kptr_restrict",
    status: "missing",
    found: /empty or cannot be read/,
    costs: /but from BTF/,
  },
  {
    given: "no tracefs",
    facts: facts({}, { tracefs: null }),
    name: "tracefs",
    status: "missing",
    found: /not mounted/,
    costs: /raw_tp and tp_btf work/,
    repair: "mount -t tracefs tracefs /sys/kernel/tracing",
  },
  {
    given: "a closed tracefs",
    facts: facts({}, { tracefs: tracefsAt(EACCES) }),
    name: "tracefs",
    status: "degraded",
    found: /its modes allow root only/,
    costs: /no list of tracepoints/,
    repair: "mount -o remount,mode=755 /sys/kernel/tracing",
  },
  {
    given: "a tracefs at a path for a shell to trip over",
    facts: facts({}, { tracefs: { path: "/a b'; reboot", events: EACCES } }),
    name: "tracefs",
    status: "degraded",
    found: /a b/,
    costs: /tracepoints/,
    repair: `mount -o remount,mode=755 '/a b'\\''; reboot'`,
  },
  {
    given: "a tracefs at a path that a terminal would obey",
    facts: facts({}, { tracefs: { path: "/\u001b[2J", events: EACCES } }),
    name: "tracefs",
    status: "degraded",
    found: /^mounted at \/\\x1b\[2J,/,
    costs: /tracepoints/,
  },
  {
    given: "no file system of any kind",
    facts: facts({ mounts: [] }),
    name: "bpffs",
    status: "missing",
    found: /not mounted/,
    costs: /pinned/,
    repair: "mount -t bpf bpf /sys/fs/bpf",
  },
  {
    given: "a read-only bpffs",
    facts: facts({ mounts: [{ type: "bpf", path: "/sys/fs/bpf", readOnly: true }] }),
    name: "bpffs",
    status: "degraded",
    found: /read-only/,
    costs: /nothing can be pinned/,
    repair: "mount -o remount,rw /sys/fs/bpf",
  },
  {
    given: "no debugfs",
    facts: facts({ mounts: [] }),
    name: "debugfs",
    status: "degraded",
    found: /not mounted/,
    costs: /nothing where tracefs is mounted/,
    repair: "mount -t debugfs debugfs /sys/kernel/debug",
  },
  {
    given: "control groups of version 1",
    facts: facts({ mounts: [] }, { controlGroups: { version: "1", path: null } }),
    name: "cgroup",
    status: "missing",
    found: /^version 1; cgroup2 is not mounted here$/,
    costs: /no cgroup programs/,
    repair: "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
  },
  {
    given: "little locked memory on Linux 5.10",
    facts: facts({
      kernel: kernel(5, 10),
      process: {
        ...process,
        capabilities: { ...process.capabilities, effective: ["CAP_BPF"] },
        limits: { ...process.limits, memlockBytes: { soft: 65536, hard: 65536 } },
      },
    }),
    name: "rlimit_memlock",
    status: "degraded",
    found: /^RLIMIT_MEMLOCK is 65536 bytes, at most 65536 bytes$/,
    costs: /EPERM/,
    repair: "ulimit -l unlimited",
  },
  {
    given: "few descriptors",
    facts: facts({
      process: {
        ...process,
        limits: { ...process.limits, openFiles: { soft: 1024, hard: 524_288 } },
      },
    }),
    name: "rlimit_nofile",
    status: "degraded",
    found: /1024, at most 524288/,
    costs: /EMFILE/,
    repair: "ulimit -n 4096",
  },
  {
    given: "namespaces of our own",
    facts: facts({}, {
      places: { user: "initial", pid: "other", net: "other", mnt: "unknown", cgroup: "initial" },
    }),
    name: "namespaces",
    status: "degraded",
    found: /^not the host's: pid, net; cannot be told: mnt$/,
    costs: /^pid: .*; net: the host's interfaces are out of sight/,
  },
  {
    given: "namespaces that cannot be told",
    facts: facts({}, { places: { ...soundStanding.places, net: "unknown" } }),
    name: "namespaces",
    status: "degraded",
    found: /^the host's; cannot be told: net$/,
    costs: /may not be/,
  },
  {
    given: "a container",
    facts: facts({}, {
      container: {
        residence: { container: { runtime: "docker", id: "0123456789abcdef" } },
        marker: "/.dockerenv",
      },
    }),
    name: "container",
    status: "degraded",
    found: /^docker 0123456789ab; \/\.dockerenv is there$/,
    costs: /withholds/,
  },
  {
    given: "a filter that refuses bpf(2)",
    facts: facts({}, {
      filters: { own: "filter", parent: "filter" },
      systemCalls: { bpf: EPERM, perfEventOpen: ENOSYS },
    }),
    name: "seccomp",
    status: "missing",
    found: /ours filter, our parent's filter; bpf answers EPERM, perf_event_open answers ENOSYS/,
    costs: /seccomp profile/,
  },
  {
    given: "a filter that refuses perf_event_open alone",
    facts: facts({}, { systemCalls: { bpf: EINVAL, perfEventOpen: EPERM } }),
    name: "seccomp",
    status: "degraded",
    found: /; perf_event_open answers EPERM$/,
    costs: /seccomp profile/,
  },
  {
    given: "no libbpf",
    facts: facts({ libbpf: { reason: "Cannot load libbpf 1.1 or newer" } }),
    name: "libbpf",
    status: "missing",
    found: /^Cannot load libbpf 1\.1 or newer$/,
    costs: /nothing can be loaded/,
    repair: "apt-get install libbpf1",
  },
];
