// bpf://links and bpf://links/{id}: what is attached where.
import * as z from "zod";
import { describeHook } from "../tools/inspect/hook.ts";
import { describeLink } from "../tools/inspect/link_row.ts";
import { toJson } from "../view/json.ts";
import { defineResource } from "./define_resource.ts";
import { defineResourceTemplate } from "./define_resource_template.ts";
import {
  completeIds,
  idVariable,
  listText,
  missingPart,
  noSuchObject,
  objectTraits,
  openInventory,
  watchObject,
} from "./object_list.ts";

export const linksResource = defineResource({
  ...objectTraits,
  uri: "bpf://links",
  name: "links",
  title: "Attached programs",
  doc:
    "Every BPF link of this kernel, the newest first: the program and its hook. Subscribe to be " +
    "told within a second when one is made or gone.",
  read(context) {
    const inventory = openInventory(context, "link");
    const rows = inventory.links.toReversed().map((link) => ({
      link_id: link.id,
      program_id: link.programId,
      program_name: link.programId === null
        ? null
        : inventory.program(link.programId)?.name ?? null,
      target: describeHook(link, inventory).text,
    }));
    return listText("link", rows, inventory, context);
  },
  watch: ({ kernel }, changed) => kernel.lists.listen(["link"], changed),
});

export const linkResource = defineResourceTemplate({
  ...objectTraits,
  uriTemplate: "bpf://links/{id}",
  name: "link",
  title: "One link",
  doc: "A link's program, the hook that it is attached to, its pins and the processes that hold " +
    "it. Subscribe to be told when it is gone.",
  variables: z.strictObject({ id: idVariable }),
  complete: { id: completeIds("link") },
  read({ id }, context) {
    const inventory = openInventory(context, "link");
    const link = inventory.link(id);
    if (link === null) throw noSuchObject("link", id);
    const row = describeLink(link, inventory);
    return toJson({ link: row, ...missingPart(inventory.missing()) });
  },
  watch: ({ id }, services, changed) => watchObject("link", id, services, changed),
});
