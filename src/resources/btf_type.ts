// bpf://btf/{type}: one of the kernel's types, as get_btf_types tells it.
import * as z from "zod";
import { nearTypeNames, typesNamed } from "../btf/type_search.ts";
import { resourceError } from "../errors.ts";
import { pageTypes } from "../tools/btf/type_page.ts";
import type { Services } from "../tools/define_tool.ts";
import { toJson } from "../view/json.ts";
import { defineResourceTemplate } from "./define_resource_template.ts";

const NEAREST = 5;
/** JSON of the hint. */
const FRAME_BYTES = 256;

export const btfTypeResource = defineResourceTemplate({
  uriTemplate: "bpf://btf/{type}",
  name: "btf_type",
  title: "One of the kernel's types",
  doc:
    "A type or function of the running kernel by its exact name, with or without struct, union " +
    "or enum before it: members with offsets and sizes, enum values, prototypes. get_btf_types " +
    "searches, gives C, follows paths, and knows the types of modules.",
  mimeType: "application/json",
  toolset: "reflect",
  effect: "read",
  variables: z.strictObject({ type: z.string().regex(/^[\w$. ]+$/).max(128) }),
  complete: { type: typeNames },
  read({ type }, { kernel, request }) {
    const catalogue = kernel.types.vmlinux();
    const ids = typesNamed(catalogue, type);
    if (ids.length === 0) {
      throw resourceError("resource_not_found", `Cannot read "bpf://btf/${type}": there is none`, {
        type,
        nearest: nearTypeNames(catalogue, type, NEAREST),
        hint: "Names are exact here: get_btf_types with pattern finds them, in modules too",
      });
    }
    const { items, total, truncated } = pageTypes(catalogue, {
      ids,
      depthOf: () => 1,
      limit: ids.length,
      byteBudget: request.byteBudget - FRAME_BYTES,
      cursor: undefined,
      list: "bpf://btf",
    });
    const hint = truncated ? { hint: "get_btf_types with this name pages through the rest" } : {};
    return toJson({ types: items, total, truncated, ...hint });
  },
});

/** Names that begin as typed, each once, a tag before it kept: `struct pa` gives `struct page`. */
function typeNames(typed: string, { kernel }: Services): Iterable<string> {
  const { names, btf } = kernel.types.vmlinux();
  if (typed === "") return distinct(names.all()); // 70,000: in no order but the kernel's
  const tag = /^(struct|union|enum) /.exec(typed)?.[0] ?? "";
  const begin = typed.slice(tag.length);
  const ids = names.matching((name) => name.startsWith(begin), begin);
  const fitting = tag === ""
    ? ids
    : ids.filter((id) => tag.startsWith(btf.kind(id).replace("64", "")));
  const found = [...new Set(fitting.map((id) => btf.name(id)))];
  return found.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).map((name) => tag + name);
}

function* distinct(all: Iterable<string>): Generator<string> {
  const seen = new Set<string>();
  for (const name of all) {
    if (seen.has(name)) continue;
    seen.add(name);
    yield name;
  }
}
