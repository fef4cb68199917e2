// Every resource of the program, in the order in which the lists show them.
import type { Resource } from "./define_resource.ts";
import type { ResourceTemplate } from "./define_resource_template.ts";
import { sessionResource } from "./session.ts";
import { verifierLogResource } from "./verifier_log.ts";

export const resources: readonly Resource[] = [sessionResource];

export const resourceTemplates: readonly ResourceTemplate[] = [verifierLogResource];
