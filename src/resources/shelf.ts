// Every resource of the program, in the order in which the lists show them.
import { btfTypeResource } from "./btf_type.ts";
import type { Resource } from "./define_resource.ts";
import type { ResourceTemplate } from "./define_resource_template.ts";
import { linkResource, linksResource } from "./links.ts";
import { mapResource, mapsResource } from "./maps.ts";
import { heatMapResource, linesResource, pictureResource } from "./picture.ts";
import { programCodeResource, programResource, programsResource } from "./programs.ts";
import { sessionResource } from "./session.ts";
import { tracepointResource } from "./tracepoint.ts";
import { verifierLogResource } from "./verifier_log.ts";

export const resources: readonly Resource[] = [
  sessionResource,
  programsResource,
  mapsResource,
  linksResource,
];

export const resourceTemplates: readonly ResourceTemplate[] = [
  verifierLogResource,
  pictureResource,
  heatMapResource,
  linesResource,
  programResource,
  programCodeResource,
  mapResource,
  linkResource,
  btfTypeResource,
  tracepointResource,
];
