// bpf://links and bpf://links/{id}: what is attached where.
import * as z from "zod";
import { Inventory } from "../tools/inspect/inventory.ts";
import { describeHook } from "../tools/inspect/hook.ts";
import { describeLink } from "../tools/inspect/link_row.ts";
import { toJson } from "../view/json.ts";
import { defineResource } from "./define_resource.ts";
import { defineResourceTemplate } from "./define_resource_template.ts";
import { completeIds, idVariable, listText, noSuchObject } from "./object_list.ts";
import { watchReading } from "./watch_reading.ts";

const traits = {
  mimeType: "application/json",
  toolset: "reflect",
  effect: "read",
} as const;

export const linksResource = defineResource({
  ...traits,
  uri: "bpf://links",
  name: "links",
  title: "Attached programs",
  doc: "Every BPF link of this kernel: the program and the hook that it is attached to. " +
    "Subscribe to be told within a second when one is made or gone.",
  read(context) {
    const inventory = new Inventory(context);
    const rows = inventory.links.map((link) => ({
      link_id: link.id,
      program_id: link.programId,
      program_name: link.programId === null
        ? null
        : inventory.program(link.programId)?.name ?? null,
      target: describeHook(link, inventory).text,
    }));
    return listText("link", rows, context);
  },
  watch: ({ kernel }, changed) => kernel.lists.listen(["link"], changed),
});

export const linkResource = defineResourceTemplate({
  ...traits,
  uriTemplate: "bpf://links/{id}",
  name: "link",
  title: "One link",
  doc: "A link's program, the hook that it is attached to, its pins and the processes that hold " +
    "it. Subscribe to be told when it is gone.",
  variables: z.strictObject({ id: idVariable }),
  complete: { id: completeIds("link") },
  read({ id }, context) {
    const inventory = new Inventory(context);
    const link = inventory.links.find((one) => one.id === id);
    if (link === undefined) throw noSuchObject("link", id);
    return toJson({ link: describeLink(link, inventory) });
  },
  watch({ id }, services, changed) {
    const { kernel } = services;
    const exists = () => kernel.lists.ids("link").includes(id);
    if (!exists()) throw noSuchObject("link", id);
    return watchReading(services, ["link"], () => toJson(exists()), changed);
  },
});
