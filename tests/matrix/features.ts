// What must work on which kernel, written down by hand: no test asks the code under test whether a
// feature is missing. Below a feature its documented error is required; above, failing is failing.
import { mustRun, run } from "../../scripts/command.ts";
import { buildObject, type ObjectName } from "../support/objects.ts";
import { type GuestName, guests } from "./kernels.ts";

type Row = Readonly<Record<GuestName, "yes" | "no">>;

export const features = {
  /** Tracepoints, probes and perf events by a link of the kernel. Since 5.15. */
  perf_link: row("no", "yes", "yes", "yes"),
  /** A USDT probe in whatever process runs the file: needs bpf_get_attach_cookie. Since 5.15. */
  usdt_everywhere: row("no", "yes", "yes", "yes"),
  /** Since 6.6. */
  tcx: row("no", "no", "yes", "yes"),
  kprobe: row("yes", "yes", "yes", "yes"),
  /** CONFIG_FPROBE, which Debian's 6.1 lacks. Since 5.18. */
  kprobe_multi: row("no", "no", "yes", "yes"),
  /** fentry and fexit. Since 5.5. */
  trampoline: row("yes", "yes", "yes", "yes"),
  lsm: row("yes", "yes", "yes", "yes"),
  /** Since 5.11. */
  sleepable_lsm: row("no", "yes", "yes", "yes"),
  /** Atomic operations whose result is used. Since 5.12. */
  atomic_result: row("no", "yes", "yes", "yes"),
  /** A function that is handed to a helper, since 5.13; bpf_loop since 5.17. */
  callback: row("no", "yes", "yes", "yes"),
  /** How many instructions the verifier walked. Since 5.16. */
  verified_instructions: row("no", "yes", "yes", "yes"),
  /** Types of modules of their own: veth is one that guests load. Since 5.11. */
  module_btf: row("no", "yes", "yes", "yes"),
  /** Since 5.16. */
  bloom_filter: row("no", "yes", "yes", "yes"),
  /** Why a packet is dropped. Since 5.17. */
  drop_reasons: row("no", "yes", "yes", "yes"),
  /** Programs of netfilter. Since 6.4. */
  netfilter: row("no", "no", "yes", "yes"),
  /** The tracepoint of capability checks. Since 6.14. */
  cap_capable: row("no", "no", "no", "yes"),
  /** A kernel that is built for modules: CONFIG_MODULES. */
  modules: row("yes", "yes", "yes", "yes"),
} as const satisfies Record<string, Row>;

export type Feature = keyof typeof features;

function row(...[a, b, c, d]: ("yes" | "no")[]): Row {
  return { "5.10": a ?? "no", "6.1": b ?? "no", "6.12": c ?? "no", "7.x": d ?? "no" };
}

/** Whether this kernel has it: as the table says, or for the machine's own as witnesses say. */
export async function has(feature: Feature): Promise<boolean> {
  const kernel = Deno.env.get("MATRIX_KERNEL");
  const guest = guests.find(({ name }) => name === kernel);
  if (guest !== undefined) return features[feature][guest.name] === "yes";
  return await ownKernelHas(feature);
}

/** The machine's own kernel is anybody's: its version, its configuration and bpftool tell. */
async function ownKernelHas(feature: Feature): Promise<boolean> {
  switch (feature) {
    case "perf_link":
    case "usdt_everywhere":
      return isAtLeast(5, 15);
    case "atomic_result":
      return isAtLeast(5, 12);
    case "callback":
    case "drop_reasons":
      return isAtLeast(5, 17);
    case "verified_instructions":
    case "bloom_filter":
      return isAtLeast(5, 16);
    case "netfilter":
      return isAtLeast(6, 4);
    case "cap_capable":
      return isAtLeast(6, 14);
    case "modules":
      return await isThere("/proc/modules");
    case "module_btf":
      return await isThere("/sys/kernel/btf/veth");
    case "tcx":
      return isAtLeast(6, 6);
    case "kprobe":
      return await isThere("/sys/bus/event_source/devices/kprobe");
    case "kprobe_multi":
      return isAtLeast(5, 18) && await isConfigured("CONFIG_FPROBE");
    case "trampoline":
      return await bpftoolLoads("fentry_only");
    case "lsm":
    case "sleepable_lsm":
      return await bpftoolLoads("kernel_hooks_sleepable");
  }
}

function isAtLeast(major: number, minor: number): boolean {
  const [first = 0, second = 0] = Deno.osRelease().split(".").map(Number);
  return first > major || (first === major && second >= minor);
}

async function isThere(path: string): Promise<boolean> {
  return (await run("test", ["-e", path])).code === 0;
}

async function isConfigured(option: string): Promise<boolean> {
  const files = ["/proc/config.gz", `/boot/config-${Deno.osRelease()}`];
  for (const path of files) {
    if (!await isThere(path)) continue;
    return (await run("zgrep", ["-q", `^${option}=y`, path])).code === 0;
  }
  throw new Error(`no configuration of this kernel at ${files.join(" or ")}`);
}

async function bpftoolLoads(name: ObjectName): Promise<boolean> {
  const pin = `/sys/fs/bpf/ebpf-mcp-feature-${Deno.pid}`;
  const { code } = await run("bpftool", ["prog", "load", await buildObject(name), pin]);
  if (code === 0) await mustRun("rm", [pin]);
  return code === 0;
}
