// Checks of the kernel itself: what it is, what it was built with, how it is set.
import { type Check, degraded, type Facts, holds, isAtLeast, missing, ok } from "./check.ts";

/** What Linux lacks below a version, as far as it changes how one works here. */
const younger: readonly (readonly [major: number, minor: number, lacks: string])[] = [
  [4, 18, "no BTF: nothing here works"],
  [5, 5, "no BTF of the kernel's types: no fentry, no CO-RE"],
  [5, 7, "no LSM programs"],
  [5, 8, "no ring buffer, no CAP_BPF, no ids of links"],
];

/** The release, and what is not in it yet. */
export function kernelVersion(facts: Facts): Check {
  const { release, version, architecture } = facts.system.kernel;
  const found = `Linux ${release} on ${architecture}`;
  if (version === null) {
    return degraded("kernel_version", { found, costs: "its release does not tell its version" });
  }
  const lacks = younger.filter(([major, minor]) => !isAtLeast(facts, major, minor));
  if (lacks.length === 0) return ok("kernel_version", found);
  const costs = lacks.map(([major, minor, what]) => `${what} (since ${major}.${minor})`).join("; ");
  const judge = isAtLeast(facts, 4, 18) ? degraded : missing;
  return judge("kernel_version", { found, costs });
}

/** Type information: of the kernel, and of its modules. */
export function btf({ system, features }: Facts): Check {
  const { vmlinuxBytes, modules } = system.btf;
  if (vmlinuxBytes !== null) {
    return ok("btf", `/sys/kernel/btf/vmlinux has ${vmlinuxBytes} bytes; ${modules} modules`);
  }
  const found = "/sys/kernel/btf/vmlinux cannot be read";
  const costs = "no CO-RE, so none of our gadgets and no fentry, fexit, tp_btf, LSM or iterators";
  if (features.hasBtf) {
    return degraded("btf", {
      found: `${found}, but the kernel gives its types by their id`,
      costs,
      repair: "mount -t sysfs sysfs /sys",
    });
  }
  return missing("btf", {
    found,
    costs: `${costs}; types and prototypes cannot be listed. It takes a kernel with ` +
      "CONFIG_DEBUG_INFO_BTF, and /sys",
  });
}

interface Option {
  /** One of them is enough. */
  readonly names: readonly string[];
  readonly without: string;
}

const required: Option = { names: ["BPF_SYSCALL"], without: "no BPF at all" };
const options: readonly Option[] = [
  { names: ["BPF_EVENTS"], without: "no programs on kprobes, tracepoints or perf events" },
  { names: ["KPROBE_EVENTS"], without: "no kprobes" },
  { names: ["FPROBE"], without: "no kprobe_multi: attach to functions one by one" },
  { names: ["UPROBE_EVENTS"], without: "no uprobes and no USDT" },
  { names: ["FTRACE_SYSCALLS"], without: "no syscalls tracepoints: use raw_tp sys_enter" },
  { names: ["DYNAMIC_FTRACE_WITH_DIRECT_CALLS"], without: "no fentry on kernel functions" },
  { names: ["DEBUG_INFO_BTF"], without: "no types of the kernel" },
  { names: ["BPF_LSM"], without: "no LSM programs" },
  { names: ["BPF_KPROBE_OVERRIDE"], without: "no bpf_override_return" },
  { names: ["CGROUP_BPF"], without: "no cgroup programs" },
  { names: ["NET_CLS_BPF"], without: "no tc programs by netlink" },
  { names: ["XDP_SOCKETS"], without: "no AF_XDP" },
];

/** The options that a kernel is built with. */
export function kernelConfig({ standing: { config } }: Facts): Check {
  if ("reason" in config) {
    return degraded("kernel_config", {
      found: config.reason,
      costs: "cannot tell what this kernel was built with; the other checks ask it directly",
    });
  }
  const isSet = (name: string) => ["y", "m"].includes(config.options.get(name) ?? "");
  const absent = ({ names }: Option) => !names.some(isSet);
  const lacks = [required, ...options].filter(absent);
  if (config.options.get("MODULES") === "y" && !isSet("DEBUG_INFO_BTF_MODULES")) {
    lacks.push({ names: ["DEBUG_INFO_BTF_MODULES"], without: "no types of modules" });
  }
  if (lacks.length === 0) return ok("kernel_config", `${config.source} has all that is asked`);
  const fault = {
    found: `${config.source} lacks ${lacks.map(({ names }) => names.join(" or ")).join(", ")}`,
    costs: `${lacks.map(({ without }) => without).join("; ")}. It takes another kernel`,
  };
  return absent(required) ? missing("kernel_config", fault) : degraded("kernel_config", fault);
}

const lockdownCosts: Readonly<Record<string, string>> = {
  integrity: "bpf_probe_write_user and bpf_override_return are refused",
  confidentiality: "reading kernel memory is refused too: no kprobes, and no bpf_probe_read_kernel",
};

/** What even root may not do. */
export function lockdown({ system }: Facts): Check {
  const { mode, reason } = system.lockdown;
  if (mode === "none") return ok("lockdown", "none");
  if (mode !== null) {
    const costs = lockdownCosts[mode] ?? "unknown mode";
    return degraded("lockdown", { found: mode, costs: `${costs}. Only a boot changes it` });
  }
  const isMounted = system.mounts.some(({ type }) => type === "securityfs");
  if (isMounted) return ok("lockdown", reason ?? "cannot be told");
  return degraded("lockdown", {
    found: reason ?? "cannot be told",
    costs: "cannot tell whether the kernel refuses what root may do elsewhere",
    repair: "mount -t securityfs securityfs /sys/kernel/security",
  });
}

/** Whether programs run as machine code. */
export function jit({ system, standing: { config } }: Facts): Check {
  const { bpfJitEnable, bpfJitHarden } = system.settings;
  if (bpfJitEnable === null) return jitByConfig(config);
  if (bpfJitEnable === 0) {
    return degraded("jit", {
      found: "net.core.bpf_jit_enable is 0",
      costs:
        "programs are interpreted: slower, and no fentry, no kfuncs, no calls between programs",
      repair: "sysctl -w net.core.bpf_jit_enable=1",
    });
  }
  const harden = bpfJitHarden === null ? "" : `, bpf_jit_harden is ${bpfJitHarden}`;
  return ok("jit", `net.core.bpf_jit_enable is ${bpfJitEnable}${harden}`);
}

/** The setting belongs to the initial network namespace and shows nowhere else. */
function jitByConfig(config: Facts["standing"]["config"]): Check {
  if (!("reason" in config) && config.options.get("BPF_JIT_ALWAYS_ON") === "y") {
    return ok("jit", "always on (CONFIG_BPF_JIT_ALWAYS_ON)");
  }
  return degraded("jit", {
    found: "/proc/sys/net/core/bpf_jit_enable cannot be read: it shows in the host's network " +
      "namespace, to root",
    costs: "cannot tell whether programs run as machine code",
  });
}

/** Whether names and addresses of the kernel's functions can be had. */
export function kernelSymbols(facts: Facts): Check {
  const { kptrRestrict } = facts.system.settings;
  const { kernelSymbols: shown } = facts.standing;
  const setting = kptrRestrict === null ? "" : `; kernel.kptr_restrict is ${kptrRestrict}`;
  if (shown === "addresses") return ok("kptr_restrict", `/proc/kallsyms has addresses${setting}`);
  if (shown === "unreadable") {
    return missing("kptr_restrict", {
      found: `/proc/kallsyms is empty or cannot be read${setting}`,
      costs: "no names for kernel addresses, no list of kernel functions but from BTF",
    });
  }
  const fault = {
    found: `/proc/kallsyms has names, but every address is 0${setting}`,
    costs: "no names for kernel addresses in stacks; functions are listed without addresses",
  };
  if (kptrRestrict === 2) {
    return degraded("kptr_restrict", { ...fault, repair: "sysctl -w kernel.kptr_restrict=1" });
  }
  const wants = holds(facts, "CAP_SYSLOG") ? "" : " (CAP_SYSLOG is missing)";
  return degraded("kptr_restrict", { ...fault, found: fault.found + wants });
}
