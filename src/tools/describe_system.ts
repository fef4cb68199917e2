// What the host says about itself, under the names that answers use.
import * as z from "zod";
import type { Limit, System } from "../host/system.ts";
import { jsonBytes } from "../view/page.ts";
import { visibleLine } from "../view/text.ts";

const limit = z.union([z.int(), z.literal("unlimited")]);
const limits = z.object({ soft: limit, hard: limit });
const setting = z.int().nullable();

export const systemAnswer = z.object({
  hostname: z.string(),
  kernel: z.object({
    release: z.string(),
    version: z.string().nullable(),
    build: z.string(),
    architecture: z.string(),
    page_bytes: z.int(),
    booted_at: z.string().nullable(),
  }),
  cpus: z.object({
    online: z.int().nullable(),
    possible: z.int().nullable(),
    online_list: z.string().nullable(),
  }),
  btf: z.object({
    available: z.boolean(),
    bytes: z.int().nullable(),
    module_count: z.int(),
  }),
  libbpf: z.object({
    version: z.string().nullable(),
    source: z.string().nullable(),
    problem: z.string().optional(),
  }),
  process: z.object({
    pid: z.int(),
    uid: z.int(),
    effective_uid: z.int(),
    capabilities: z.object({
      effective: z.array(z.string()),
      permitted_not_effective: z.array(z.string()),
      outside_bounding_set: z.array(z.string()),
    }),
    no_new_privs: z.boolean(),
    seccomp: z.string(),
    initial_user_namespace: z.boolean(),
    memlock_bytes: limits,
    open_files: limits,
  }),
  lockdown: z.object({ mode: z.string().nullable(), reason: z.string().nullable() }),
  settings: z.record(z.string(), setting).describe("By the last part of their sysctl names"),
  mounts: z.array(z.object({ type: z.string(), path: z.string(), read_only: z.boolean() })),
  mounts_total: z.int(),
});

export type SystemAnswer = z.infer<typeof systemAnswer>;

/** A host with many containers has many mounts; the first are told, and how many there are. */
const mostMountBytes = 1500;

/** The answer to "what is this host". Texts that others chose are made safe. */
export function describeSystem(system: System): SystemAnswer {
  const { kernel, cpus, btf, libbpf, settings } = system;
  const { version } = kernel;
  return {
    hostname: system.hostname,
    kernel: {
      release: kernel.release,
      version: version === null ? null : `${version.major}.${version.minor}.${version.patch}`,
      build: kernel.build,
      architecture: kernel.architecture,
      page_bytes: kernel.pageBytes,
      booted_at: timeText(kernel.bootedAtMs),
    },
    cpus: {
      online: cpus.online.count,
      possible: cpus.possible.count,
      online_list: cpus.online.list,
    },
    btf: {
      available: btf.vmlinuxBytes !== null,
      bytes: btf.vmlinuxBytes,
      module_count: btf.modules,
    },
    libbpf: "reason" in libbpf
      ? { version: null, source: null, problem: libbpf.reason }
      : { version: libbpf.version, source: libbpf.source },
    process: describeProcess(system.process),
    lockdown: system.lockdown,
    settings: {
      bpf_jit_enable: settings.bpfJitEnable,
      bpf_jit_harden: settings.bpfJitHarden,
      bpf_jit_limit_bytes: settings.bpfJitLimitBytes,
      unprivileged_bpf_disabled: settings.unprivilegedBpfDisabled,
      bpf_stats_enabled: settings.bpfStatsEnabled,
      perf_event_paranoid: settings.perfEventParanoid,
      kptr_restrict: settings.kptrRestrict,
    },
    mounts: describeMounts(system.mounts),
    mounts_total: system.mounts.length,
  };
}

function describeMounts(mounts: System["mounts"]): SystemAnswer["mounts"] {
  const described = mounts.map(({ type, path, readOnly }) => {
    return { type, path: visibleLine(path), read_only: readOnly };
  });
  let bytes = 0;
  return described.filter((mount) => (bytes += jsonBytes(mount)) <= mostMountBytes);
}

function describeProcess(process: System["process"]): SystemAnswer["process"] {
  const { capabilities } = process;
  return {
    pid: process.pid,
    uid: process.uid,
    effective_uid: process.effectiveUid,
    capabilities: {
      effective: [...capabilities.effective],
      permitted_not_effective: without(capabilities.permitted, capabilities.effective),
      outside_bounding_set: without(capabilities.known, capabilities.bounding),
    },
    no_new_privs: process.noNewPrivs,
    seccomp: process.seccomp,
    initial_user_namespace: process.initialUserNamespace,
    memlock_bytes: describeLimit(process.limits.memlockBytes),
    open_files: describeLimit(process.limits.openFiles),
  };
}

function without(names: readonly string[], others: readonly string[]): string[] {
  return names.filter((name) => !others.includes(name));
}

function describeLimit({ soft, hard }: Limit): z.infer<typeof limits> {
  return { soft: soft ?? "unlimited", hard: hard ?? "unlimited" };
}

/** A time of the wall clock as ISO 8601. */
export function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
