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
    case "perf_event":
      return `perf_event ${spec.event}${spec.pid ? ` pid ${spec.pid}` : ""}`;
    case "cgroup":
      return `cgroup ${spec.path} ${spec.attach_type}`;
    case "auto":
      return section;
  }
}

function probePoint({ symbol, offset }: UprobeSpec): string {
  if (symbol === undefined) return `+${offset ?? 0}`;
  return offset ? `${symbol}+${offset}` : symbol;
}
