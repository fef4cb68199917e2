// An answer of get_btf_types in the making: one of types, C text, a path, or containers.
import * as z from "zod";
import { cText } from "../../btf/c_text.ts";
import type { Kind, TypeId } from "../../btf/kind.ts";
import { parsePath } from "../../btf/path_syntax.ts";
import { withPointees } from "../../btf/pointees.ts";
import type { TypeCatalogue } from "../../btf/type_catalogue.ts";
import { findTypes, type FoundTypes, nearTypeNames, typesNamed } from "../../btf/type_search.ts";
import { type EBPFError, validationError } from "../../errors.ts";
import type { KernelTypes } from "../../kernel/kernel_types.ts";
import { jsonBytes, listOf } from "../../view/page.ts";
import { visibleLine } from "../../view/text.ts";
import { pageLines } from "./c_page.ts";
import { containerRow, pageContainers } from "./container_rows.ts";
import { describePath, pathAnswer } from "./path_answer.ts";
import { requireOneQuestion, type TypesRequest } from "./question.ts";
import { modulesWith, openSource, type TypeSource } from "./type_source.ts";
import { pageTypes } from "./type_page.ts";
import { typeRow } from "./type_row.ts";

export const type_limits = { items: 1000, defaultItems: 100 } as const;

/** JSON around the list: source, total, cursor. */
const FRAME_BYTES = 320;
/** What members can be of, and what is meant first where several have the name. */
const DATA_KINDS: readonly Kind[] = [
  "struct",
  "union",
  "typedef",
  "enum",
  "enum64",
  "int",
  "float",
  "fwd",
  "array",
  "ptr",
  "const",
  "volatile",
  "restrict",
  "type_tag",
];
/** Names that an answer without types suggests. */
const NEAREST = 5;
/** Of one C text: more make names collide and pages many. */
const MOST_C_TYPES = 100;

export const typesOutput = z.object({
  source: z.string().describe("vmlinux, a module, or btf ID"),
  types: z.array(typeRow).optional(),
  c: z.string().optional(),
  path: pathAnswer.optional(),
  containers: z.array(containerRow).optional(),
  counts: z.record(z.string(), z.int()).optional().describe("Types by kind"),
  modules: z.array(z.string()).optional().describe("That have BTF of their own"),
  nearest: z.array(z.string()).optional().describe("Names near the pattern that nothing has"),
  also_in: z.array(z.string()).optional().describe("Modules that have the name"),
  notes: z.array(z.string()).optional(),
  total: z.int().describe("Types, containers, reads, or lines of C"),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
});

export type TypesOutput = z.infer<typeof typesOutput>;

export class TypesAnswer {
  readonly #kernelTypes: KernelTypes;
  readonly #request: TypesRequest;
  readonly #source: TypeSource;
  readonly #budget: number;
  readonly #list: string;

  constructor(kernelTypes: KernelTypes, request: TypesRequest, byteBudget: number) {
    requireOneQuestion(request);
    this.#kernelTypes = kernelTypes;
    this.#request = request;
    this.#source = openSource(kernelTypes, request);
    this.#budget = byteBudget - FRAME_BYTES;
    const { cursor: _cursor, limit: _limit, ...same } = request;
    this.#list = listOf("get_btf_types", same);
  }

  give(): TypesOutput {
    const { path, containers, as } = this.#request;
    if (path !== undefined) return this.#path(path);
    const found = this.#find();
    if (containers !== undefined) return this.#containers(found, containers);
    if (as === "c" && found.ids.length > 0) return this.#c(found);
    return this.#types(found);
  }

  get #catalogue(): TypeCatalogue {
    return this.#source.catalogue;
  }

  #find(): FoundTypes {
    const { id, pattern, kinds = [] } = this.#request;
    if (id === undefined) return findTypes(this.#catalogue, pattern, kinds);
    this.#requireType(id);
    return { ids: [id], exact: 1 };
  }

  #requireType(id: TypeId): void {
    const { btf } = this.#catalogue;
    if (id < btf.typeCount) return;
    const message = `Cannot find type ${id}: ids of ${this.#source.name} are 1 to ` +
      `${btf.typeCount - 1}`;
    throw validationError("unknown_type", message, { id });
  }

  /** The first page ends behind what has just the name that was asked for, unless told. */
  #types({ ids, exact }: FoundTypes): TypesOutput {
    const { depth, cursor } = this.#request;
    const few = cursor === undefined && exact > 0 ? exact : type_limits.defaultItems;
    const limit = this.#request.limit ?? few;
    const around = cursor === undefined ? this.#around(ids.length) : {};
    const { items, ...end } = pageTypes(this.#catalogue, {
      ids,
      depthOf: (index) => depth ?? (index < exact ? 1 : 0),
      limit,
      byteBudget: this.#budget - jsonBytes(around),
      cursor,
      list: this.#list,
    });
    return { source: this.#source.name, ...around, types: items, ...end };
  }

  /** What there is, when nothing in particular was asked; what is near, when nothing was found. */
  #around(total: number): Partial<TypesOutput> {
    const { pattern, id, module, btf_id } = this.#request;
    if (pattern === undefined && id === undefined) {
      const counts = Object.fromEntries(this.#catalogue.counts);
      const isKernel = module === undefined && btf_id === undefined;
      return isKernel ? { counts, modules: this.#modules() } : { counts };
    }
    if (total > 0 || pattern === undefined) return {};
    const nearest = nearTypeNames(this.#catalogue, pattern, NEAREST);
    const also_in = module === undefined && btf_id === undefined
      ? modulesWith(this.#kernelTypes, pattern)
      : [];
    return also_in.length === 0 ? { nearest } : { nearest, also_in };
  }

  /** As many as take a quarter of the answer; their number is in system_info. */
  #modules(): string[] {
    let room = this.#budget / 4;
    return this.#kernelTypes.modules().filter((name) => (room -= jsonBytes(name)) >= 0);
  }

  #c({ ids, exact }: FoundTypes): TypesOutput {
    const { limit = MOST_C_TYPES, cursor, depth = 1 } = this.#request;
    const wanted = exact > 0 ? ids.slice(0, exact) : ids;
    const chosen = wanted.slice(0, Math.min(limit, MOST_C_TYPES));
    const left = wanted.length - chosen.length;
    const notes = left > 0 ? [`${left} more types match: narrow the pattern, or give an id`] : [];
    const { btf } = this.#catalogue;
    const text = cText(btf, withPointees(btf, chosen, depth - 1, MOST_C_TYPES));
    const { text: c, ...end } = pageLines(this.#list, text, {
      byteBudget: this.#budget - jsonBytes(notes),
      cursor,
    });
    return { source: this.#source.name, c, ...(left > 0 ? { notes } : {}), ...end };
  }

  #path(path: string): TypesOutput {
    const { name, steps } = parsePath(path);
    const { id } = this.#request;
    const root = id === undefined ? this.#root(name, path) : this.#rootById(id, name, path);
    const answer = describePath(this.#catalogue, root, steps, path);
    const total = answer.reads.length;
    return { source: this.#source.name, path: answer, total, truncated: false, next_cursor: null };
  }

  #root(name: string, path: string): TypeId {
    const { btf } = this.#catalogue;
    const isRecord = (id: TypeId) => ["struct", "union", "typedef"].includes(btf.kind(id));
    const named = typesNamed(this.#catalogue, name);
    const root = named.find(isRecord);
    if (root !== undefined) return root;
    throw this.#unusable(`Cannot follow "${path}"`, name, named, "has no members");
  }

  /** A type without a name is called anything in the path. */
  #rootById(id: TypeId, name: string, path: string): TypeId {
    this.#requireType(id);
    const own = this.#catalogue.btf.name(id);
    if (own === "" || own === name.replace(/^(struct|union)\s+/, "")) return id;
    const message = `Cannot follow "${path}" from type ${id}: that is "${visibleLine(own)}"`;
    throw validationError("invalid_arguments", message, { arguments: ["path", "id"], id });
  }

  #containers(found: FoundTypes, through: "value" | "pointer"): TypesOutput {
    const { pattern = "", id, limit = type_limits.defaultItems, cursor } = this.#request;
    const named = found.exact > 0
      ? found.ids.slice(0, found.exact)
      : typesNamed(this.#catalogue, pattern);
    const { btf } = this.#catalogue;
    const rank = (candidate: TypeId) => DATA_KINDS.indexOf(btf.kind(candidate));
    const [type] = named.filter((candidate) => rank(candidate) >= 0)
      .sort((a, b) => rank(a) - rank(b));
    if (type === undefined) {
      const asked = id === undefined ? pattern : btf.name(id);
      throw this.#unusable("Cannot find containers", asked, named, "cannot be a member");
    }
    const { items, whole, ...end } = pageContainers(this.#catalogue, type, through, this.#list, {
      limit,
      byteBudget: this.#budget,
      cursor,
    });
    const notes = whole ? {} : { notes: ["There are more: the search ended at its limit"] };
    return { source: this.#source.name, containers: items, ...notes, ...end };
  }

  /** Why none of the types of this name will do, or that there are none. */
  #unusable(action: string, name: string, named: readonly TypeId[], why: string): EBPFError {
    const [first] = named;
    if (first === undefined) return this.#unknown(action, name);
    const kind = this.#catalogue.btf.kind(first);
    const article = /^[aeiou]/.test(kind) ? "an" : "a";
    const subject = name === "" ? `type ${first}` : `"${visibleLine(name)}"`;
    const message = `${action}: ${subject} is ${article} ${kind} and ${why}`;
    return validationError("invalid_arguments", message, {
      type: name === "" ? first : name,
      kind,
    });
  }

  #unknown(action: string, name: string): EBPFError {
    const nearest = nearTypeNames(this.#catalogue, name, NEAREST);
    const hint = nearest.length === 0 ? "" : `; near it are ${nearest.join(", ")}`;
    return validationError("unknown_type", `${action}: there is no type "${name}"${hint}`, {
      type: name,
      nearest,
      hint: "Names are exact here: get_btf_types with pattern finds them",
    });
  }
}
