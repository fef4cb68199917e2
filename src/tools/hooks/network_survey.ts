// What is attached in every network namespace that can be entered.
import { EBPFError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { NetworkNamespace } from "../../host/network_namespaces.ts";
import type { KernelView } from "../../kernel/kernel_view.ts";
import type { Slices } from "../../slices.ts";
import type { Missing } from "../missing.ts";
import type { HookKind } from "./hook_kinds.ts";
import { type NamespaceHooks, surveyNamespace } from "./survey_namespace.ts";

export interface NetworkSurvey {
  readonly visited: readonly NamespaceHooks[];
  /** Those that could not be asked. */
  readonly missing: readonly Missing[];
}

/**
 * Visits one namespace after the other; between them others may run, never within a visit. One that
 * vanishes meanwhile is left out.
 *
 * @param deadline of `performance.now()`: after it only our own is visited, and `missing` says so
 */
export function* surveyNetwork(
  { kernel, host }: { readonly kernel: KernelView; readonly host: Host },
  wanted: ReadonlySet<HookKind>,
  deadline: number,
): Slices<NetworkSurvey> {
  const visited: NamespaceHooks[] = [];
  const refusals: EBPFError[] = [];
  const { namespaces: all, hidden } = host.networkNamespaces.find();
  yield;
  let late = 0;
  for (const namespace of all) {
    if (!namespace.own && performance.now() > deadline) {
      late++;
      continue;
    }
    const hooks = tryVisit(namespace, host, kernel, wanted);
    if (hooks instanceof EBPFError) refusals.push(hooks);
    else if (hooks !== null) visited.push(hooks);
    yield;
  }
  const missing = missingOf(all.length, refusals, late, visited);
  return { visited, missing: hidden > 0 ? [...missing, hiddenMissing(hidden)] : missing };
}

function tryVisit(
  namespace: NetworkNamespace,
  host: Host,
  kernel: KernelView,
  wanted: ReadonlySet<HookKind>,
): NamespaceHooks | EBPFError | null {
  try {
    return host.networkNamespaces.visit(namespace, (visit) => {
      return surveyNamespace(namespace, visit, kernel.hooks, wanted);
    });
  } catch (error) {
    if (!(error instanceof EBPFError)) throw error;
    return error.code === "namespace_not_found" ? null : error;
  }
}

function missingOf(
  total: number,
  refusals: readonly EBPFError[],
  late: number,
  visited: readonly NamespaceHooks[],
): Missing[] {
  const missing: Missing[] = [];
  const [first] = refusals;
  if (first !== undefined) {
    missing.push({
      what: `hooks in ${refusals.length} of ${total} network namespaces`,
      why: first.message,
      remedy: first.category === "permission"
        ? "run with CAP_SYS_ADMIN in the initial user namespace"
        : "ask again: they may have changed meanwhile",
    });
  }
  if (late > 0) {
    missing.push({
      what: `hooks in ${late} of ${total} network namespaces`,
      why: "looking at the others took too long",
      remedy: "ask for one kind of hook",
    });
  }
  if (visited.some(({ refused }) => refused)) {
    missing.push({
      what: "tcx, netkit, flow_dissector and sk_lookup programs",
      why: "the kernel refuses BPF_PROG_QUERY",
      remedy: "run with CAP_NET_ADMIN and CAP_BPF in the initial user namespace",
    });
  }
  return missing;
}

function hiddenMissing(processes: number): Missing {
  return {
    what: `network namespaces of ${processes} processes, unless others live there too`,
    why: "the kernel does not let us see where they live",
    remedy: "run as root with CAP_SYS_PTRACE in the initial user namespace",
  };
}
