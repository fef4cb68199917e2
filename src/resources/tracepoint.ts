// bpf://tracepoints/{category}/{name}: one tracepoint with everything a program gets from it.
import * as z from "zod";
import { resourceError } from "../errors.ts";
import type { Services } from "../tools/define_tool.ts";
import { listTracepointNames, nameOf } from "../tools/tracepoints/listing.ts";
import { tracepointFields, TracepointRows } from "../tools/tracepoints/row.ts";
import { toJson } from "../view/json.ts";
import { jsonBytes } from "../view/page.ts";
import { nearest } from "../view/nearest.ts";
import { defineResourceTemplate } from "./define_resource_template.ts";

const NEAREST = 5;
/** JSON around the row. */
const FRAME_BYTES = 128;

const variable = z.string().regex(/^[\w.-]+$/).max(128);

export const tracepointResource = defineResourceTemplate({
  uriTemplate: "bpf://tracepoints/{category}/{name}",
  name: "tracepoint",
  title: "One tracepoint",
  doc: "A tracepoint's id, the arguments of tracepoint programs with offsets and sizes, those of " +
    "raw_tracepoint and tp_btf programs, and how the kernel prints it. list_tracepoints searches.",
  mimeType: "application/json",
  toolset: "reflect",
  effect: "read",
  variables: z.strictObject({ category: variable, name: variable }),
  complete: {
    category: (_, services) => categories(services),
    name: (_, services, { category }) => names(services, category),
  },
  read({ category, name }, context) {
    const { tracepoints, missing } = listTracepointNames(context, {});
    const found = tracepoints.find((one) => {
      return typeof one === "string"
        ? one === name
        : one.category === category && one.name === name;
    });
    if (found === undefined) {
      const wanted = `${category}:${name}`;
      throw resourceError(
        "resource_not_found",
        `Cannot read "bpf://tracepoints/${category}/${name}": there is no tracepoint ${wanted}`,
        {
          nearest: nearest(wanted, tracepoints.map(nameOf), NEAREST),
          ...(missing.length > 0 ? { missing } : {}),
          hint: missing[0]?.remedy ?? "list_tracepoints with pattern finds it",
        },
      );
    }
    const budget = context.request.byteBudget - FRAME_BYTES - jsonBytes(missing);
    const rows = new TracepointRows(context, tracepointFields, budget);
    const tracepoint = typeof found === "string" ? rows.describeRaw(found) : rows.describe(found);
    return toJson({ tracepoint, missing: [...missing, ...rows.missing] });
  },
});

function categories(services: Services): string[] {
  const { tracepoints } = listTracepointNames(services, {});
  const all = tracepoints.flatMap((one) => typeof one === "string" ? [] : [one.category]);
  return [...new Set(all)].sort();
}

/** Of this category, or of all while it is open. */
function names(services: Services, category: string | undefined): string[] {
  const { tracepoints } = listTracepointNames(services, {});
  const fitting = tracepoints.filter((one) => {
    return typeof one === "string" || category === undefined || one.category === category;
  });
  return [...new Set(fitting.map((one) => typeof one === "string" ? one : one.name))].sort();
}
