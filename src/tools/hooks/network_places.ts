// Where the links of interfaces are attached: name and namespace, for links of any process.
import type { Host } from "../../host/host.ts";
import type { KernelView } from "../../kernel/kernel_view.ts";
import type { LinkInfo } from "../../kernel/link_info.ts";
import { NetworkLinks } from "./network_links.ts";
import { surveyNetwork } from "./network_survey.ts";

/** Visits every network namespace that can be entered; 1 ms for each. */
export function networkPlaces(
  services: { readonly kernel: KernelView; readonly host: Host },
  links: readonly LinkInfo[],
): NetworkLinks {
  const { visited } = surveyNetwork(services, new Set(["xdp", "tcx", "netkit"]));
  return new NetworkLinks(visited, links);
}
