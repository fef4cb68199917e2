// What may be asked of an attachment: a union by hook type, in the kernel's terms.
import type { CgroupAttachType } from "../program_types.ts";

export type XdpMode = "auto" | "native" | "generic" | "offload";

export interface TracepointSpec {
  type: "tracepoint";
  group: string;
  name: string;
}

export interface RawTracepointSpec {
  type: "raw_tracepoint";
  name: string;
}

export interface XdpSpec {
  type: "xdp";
  interface: string;
  mode: XdpMode;
}

export interface TcxSpec {
  type: "tcx";
  interface: string;
  direction: "ingress" | "egress";
}

export interface UprobeSpec {
  type: "uprobe" | "uretprobe";
  /** Executable or shared library; a bare library name is searched as the loader does. */
  path: string;
  symbol?: string;
  /** Bytes into the symbol, or into the file when no symbol is given. */
  offset?: number;
  /** Every process when absent. */
  pid?: number;
}

export interface KprobeSpec {
  type: "kprobe" | "kretprobe";
  /** The kernel's symbol: what is inlined has none. */
  function: string;
  /** Bytes into the function, where an instruction begins. */
  offset?: number;
}

/** Many functions by one link; whether their ends are meant is the program's section's to say. */
export interface KprobeMultiSpec {
  type: "kprobe_multi";
  functions?: readonly string[];
  /** `*` and `?`, over the functions that the kernel lets be traced. */
  glob?: string;
}

/** Hooks whose target the section names and the load fixes; a name here must be the same. */
export interface FunctionSpec {
  type: "fentry" | "fexit";
  function?: string;
}

export interface LsmSpec {
  type: "lsm";
  hook?: string;
}

export interface IterSpec {
  type: "iter";
  target?: string;
}

export interface UsdtSpec {
  type: "usdt";
  /** Executable or shared library. */
  path: string;
  provider: string;
  name: string;
  /** Every process when absent. */
  pid?: number;
}

export interface PerfEventSpec {
  type: "perf_event";
  event: string;
  /** Every so many events … */
  period?: number;
  /** … or so many times a second. */
  frequency?: number;
  /** Every process when absent. */
  pid?: number;
  /** Every CPU when absent: with a pid one event follows the process, else one event per CPU. */
  cpu?: number;
}

export interface CgroupSpec {
  type: "cgroup";
  path: string;
  attach_type: CgroupAttachType;
}

/** What the program's section name says. */
export interface AutoSpec {
  type: "auto";
}

export type AttachSpec =
  | TracepointSpec
  | RawTracepointSpec
  | XdpSpec
  | TcxSpec
  | UprobeSpec
  | UsdtSpec
  | KprobeSpec
  | KprobeMultiSpec
  | FunctionSpec
  | LsmSpec
  | IterSpec
  | PerfEventSpec
  | CgroupSpec
  | AutoSpec;

/** What an attachment is attached to, in one line for a reader. */
export function targetText(spec: AttachSpec, section: string): string {
  switch (spec.type) {
    case "tracepoint":
      return `tracepoint ${spec.group}:${spec.name}`;
    case "raw_tracepoint":
      return `raw_tracepoint ${spec.name}`;
    case "xdp":
      return `xdp ${spec.interface} (${spec.mode})`;
    case "tcx":
      return `tcx ${spec.direction} ${spec.interface}`;
    case "uprobe":
    case "uretprobe":
      return `${spec.type} ${spec.path}:${probePoint(spec)}${spec.pid ? ` pid ${spec.pid}` : ""}`;
    case "usdt":
      return `usdt ${spec.path}:${spec.provider}:${spec.name}${spec.pid ? ` pid ${spec.pid}` : ""}`;
    case "kprobe":
    case "kretprobe":
      return `${spec.type} ${spec.function}${spec.offset ? `+${spec.offset}` : ""}`;
    case "kprobe_multi":
      return `kprobe_multi ${spec.glob ?? functionsText(spec.functions ?? [])}`;
    case "fentry":
    case "fexit":
    case "lsm":
    case "iter":
      return section.replace("/", " ");
    case "perf_event":
      return `perf_event ${spec.event}${spec.pid ? ` pid ${spec.pid}` : ""}`;
    case "cgroup":
      return `cgroup ${spec.path} ${spec.attach_type}`;
    case "auto":
      return section;
  }
}

function functionsText(names: readonly string[]): string {
  const most = 3;
  const rest = names.length > most ? ` and ${names.length - most} more` : "";
  return `${names.slice(0, most).join(", ")}${rest}`;
}

function probePoint({ symbol, offset }: UprobeSpec): string {
  if (symbol === undefined) return `+${offset ?? 0}`;
  return offset ? `${symbol}+${offset}` : symbol;
}
