// What is attached in one network namespace, asked while this thread is in it.
import { EBPFError } from "../../errors.ts";
import type { Filter, Qdisc } from "../../host/netlink/traffic_control.ts";
import type { Interface } from "../../host/netlink/interface.ts";
import type { NetworkNamespace, Visit } from "../../host/network_namespaces.ts";
import type { KernelHooks } from "../../kernel/hooks/kernel_hooks.ts";
import type { AttachedProgram } from "../../kernel/hooks/program_query.ts";
import type { HookKind } from "./hook_kinds.ts";

/** A filter, and where it is. */
export interface PlacedFilter {
  readonly ifindex: number;
  /** `ingress`, `egress`, or the handle of the discipline or class that asks it: `1:10`. */
  readonly direction: string;
  readonly filter: Filter;
}

/** Programs of tcx or netkit in the order in which they run. */
export interface PlacedPrograms {
  readonly kind: "tcx" | "netkit";
  readonly ifindex: number;
  readonly direction: "ingress" | "egress" | "primary" | "peer";
  readonly programs: readonly AttachedProgram[];
}

/** Programs of the namespace itself. */
export interface NamespacePrograms {
  readonly kind: "flow_dissector" | "sk_lookup";
  readonly programs: readonly AttachedProgram[];
}

export interface NamespaceHooks {
  readonly namespace: NetworkNamespace;
  readonly interfaces: readonly Interface[];
  readonly filters: readonly PlacedFilter[];
  readonly atInterfaces: readonly PlacedPrograms[];
  readonly ofNamespace: readonly NamespacePrograms[];
  /** Whether BPF_PROG_QUERY was refused: CAP_NET_ADMIN is missing. */
  readonly refused: boolean;
}

const CLSACT_INGRESS = 0xffff_fff2;
const CLSACT_EGRESS = 0xffff_fff3;
/** Disciplines whose classes have filters of their own. */
const withFilteredClasses: ReadonlySet<string> = new Set(["htb", "hfsc", "cbq", "atm"]);
const HANDLE_MINOR = 0x1_0000;

const interfaceHooks = [
  { kind: "tcx", direction: "ingress", attachType: "tcx_ingress" },
  { kind: "tcx", direction: "egress", attachType: "tcx_egress" },
  { kind: "netkit", direction: "primary", attachType: "netkit_primary" },
  { kind: "netkit", direction: "peer", attachType: "netkit_peer" },
] as const;

/** Asks for the hooks of the wanted kinds. @throws kernel/netlink_failed */
export function surveyNamespace(
  namespace: NetworkNamespace,
  { route, fd }: Visit,
  kernel: KernelHooks,
  wanted: ReadonlySet<HookKind>,
): NamespaceHooks {
  const interfaces = route.interfaces();
  const queries = new ProgramQuestions(kernel, interfaces);
  return {
    namespace,
    interfaces,
    filters: wanted.has("tc") ? placedFilters(route) : [],
    atInterfaces: queries.atInterfaces(wanted),
    ofNamespace: queries.ofNamespace(fd, wanted),
    refused: queries.refused,
  };
}

/** Questions to BPF_PROG_QUERY; a hook that the kernel does not know is not asked about twice. */
class ProgramQuestions {
  refused = false;
  readonly #unknown = new Set<string>();

  constructor(readonly kernel: KernelHooks, readonly interfaces: readonly Interface[]) {}

  atInterfaces(wanted: ReadonlySet<HookKind>): PlacedPrograms[] {
    const placed: PlacedPrograms[] = [];
    for (const { index: ifindex, kind: made } of this.interfaces) {
      for (const { kind, direction, attachType } of interfaceHooks) {
        if (!wanted.has(kind) || this.#unknown.has(attachType)) continue;
        if (kind === "netkit" && made !== "netkit") continue;
        const answer = this.kernel.ofInterface(ifindex, attachType);
        const programs = this.#programs(attachType, answer);
        if (programs.length > 0) placed.push({ kind, direction, ifindex, programs });
      }
    }
    return placed;
  }

  ofNamespace(fd: number, wanted: ReadonlySet<HookKind>): NamespacePrograms[] {
    const kinds = (["flow_dissector", "sk_lookup"] as const).filter((kind) => wanted.has(kind));
    return kinds.flatMap((kind) => {
      const programs = this.#programs(kind, this.kernel.ofNamespace(fd, kind));
      return programs.length === 0 ? [] : [{ kind, programs }];
    });
  }

  #programs(
    attachType: string,
    answer: ReturnType<KernelHooks["ofInterface"]>,
  ): readonly AttachedProgram[] {
    if (answer === "unknown") this.#unknown.add(attachType);
    if (answer === "refused") this.refused = true;
    return typeof answer === "string" ? [] : answer;
  }
}

function placedFilters(route: Visit["route"]): PlacedFilter[] {
  return route.qdiscs().flatMap((qdisc) => {
    const { ifindex } = qdisc;
    return unlessGone(() =>
      placesOf(qdisc, route).flatMap(({ direction, parent }) => {
        return route.filters(ifindex, parent).map((filter) => ({ ifindex, direction, filter }));
      })
    );
  });
}

/** Nothing of an interface or a discipline that went away since it was listed. */
function unlessGone<Item>(ask: () => Item[]): Item[] {
  try {
    return ask();
  } catch (error) {
    if (error instanceof EBPFError && error.category === "kernel") return [];
    throw error;
  }
}

interface Place {
  readonly direction: string;
  readonly parent: number;
}

/** Where a discipline may have filters. */
function placesOf({ ifindex, handle, kind }: Qdisc, route: Visit["route"]): Place[] {
  if (handle === 0) return [];
  if (kind === "clsact") {
    return [
      { direction: "ingress", parent: CLSACT_INGRESS },
      { direction: "egress", parent: CLSACT_EGRESS },
    ];
  }
  if (kind === "ingress") return [{ direction: "ingress", parent: handle }];
  const classes = withFilteredClasses.has(kind) ? route.classes(ifindex) : [];
  const ofThis = classes.filter((one) => majorOf(one.handle) === majorOf(handle));
  return [handle, ...ofThis.map((one) => one.handle)].map((parent) => {
    return { direction: handleText(parent), parent };
  });
}

function majorOf(handle: number): number {
  return Math.floor(handle / HANDLE_MINOR);
}

/** As tc writes it: `1:`, `1:1f`. */
function handleText(handle: number): string {
  const minor = handle % HANDLE_MINOR;
  return `${majorOf(handle).toString(16)}:${minor === 0 ? "" : minor.toString(16)}`;
}
