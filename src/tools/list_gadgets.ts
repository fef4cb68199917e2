// list_gadgets: which questions can be answered by a built-in program, and how.
import * as z from "zod";
import { roleObstacle } from "../gadgets/gadget_role.ts";
import { operator_limits } from "../gadgets/operator_gadgets.ts";
import { gadgetParameters } from "../gadgets/parameters.ts";
import { rankGadgets } from "../gadgets/ranking.ts";
import { type KernelFacts, obstaclesOf, readKernelFacts } from "../gadgets/readiness.ts";
import type { Listing } from "../gadgets/catalogue.ts";
import type { Gadget, SkeletonField } from "../gadgets/skeleton.ts";
import { commonFields } from "../gadgets/field.ts";
import type { Role } from "../policy/role.ts";
import { inSlices } from "../slices.ts";
import { cutValue } from "../view/cut_value.ts";
import { listOf, pageOf } from "../view/page.ts";
import { defineTool } from "./define_tool.ts";
import { type Missing, missingShape } from "./missing.ts";

const MOST_ITEMS = 100;
/** JSON around the gadgets. */
const FRAME_BYTES = 400;

type Row = Record<string, unknown>;

/** What decides if a gadget can run: the kernel, the process, and who asks. */
interface Facts extends KernelFacts {
  readonly role: Role;
}

export const listGadgets = defineTool({
  name: "list_gadgets",
  title: "List gadgets",
  doc: "What run_gadget can answer on this host without a compiler. question: words, best match " +
    "first. name: one gadget whole (parameters with bounds, fields with units, aggregations, " +
    "cost, blind spots).",
  toolset: "stream",
  effect: "read",
  needs: { capability: "none", kernel: "5.8" },
  limits: { max_items: MOST_ITEMS },
  maxTimeMs: 15_000,
  input: z.strictObject({
    question: z.string().max(1000).optional(),
    name: z.string().min(1).max(64).optional(),
    limit: z.int().min(1).max(MOST_ITEMS).default(MOST_ITEMS),
    cursor: z.string().max(2048).optional(),
  }),
  output: z.object({
    gadgets: z.array(z.record(z.string(), z.unknown())),
    matches: z.boolean().optional().describe("false: no word fits, all are listed"),
    missing: missingShape,
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
  }),
  async run({ question, name, limit, cursor }, { session, request }) {
    const { gadgets: catalogue } = session.services;
    const facts = { ...readKernelFacts(), role: request.role };
    const bytes = request.byteBudget - FRAME_BYTES;
    if (name !== undefined) {
      const { value } = cutValue(wholeRow(catalogue.get(name), facts), bytes);
      const whole = { total: 1, truncated: false, next_cursor: null, missing: [] };
      return { gadgets: [rowOf(value)], ...whole };
    }
    const listing = await inSlices(catalogue.all(), request.signal);
    const found = answering(question, listing);
    const rows: readonly (() => Row)[] = [
      ...found.gadgets.map((gadget) => () => shortRow(gadget, facts, listing)),
      ...found.broken.map(({ name, reason }) => () => brokenRow(name, reason)),
    ];
    const page = { limit, byteBudget: bytes, ...(cursor === undefined ? {} : { cursor }) };
    const { items, ...rest } = pageOf(
      listOf("list_gadgets", { question }),
      rows,
      page,
      (row) => row(),
    );
    return {
      gadgets: items,
      ...(question === undefined ? {} : { matches: found.matches }),
      missing: listing.problem === null ? [] : [unknownGadgets(listing.problem)],
      ...rest,
    };
  },
});

function unknownGadgets(why: string): Missing {
  const remedy = "give --gadgets DIR a folder that can be read, of at most " +
    `${operator_limits.gadgets} gadgets`;
  return { what: "the operator's gadgets", why, remedy };
}

interface Answering {
  readonly gadgets: readonly Gadget[];
  readonly broken: Listing["broken"];
  readonly matches: boolean;
}

/** Those with a word of the question; all of them where no word is known. */
function answering(question: string | undefined, { builtIn, own, broken }: Listing): Answering {
  const all = [...builtIn, ...own];
  const ranked = question === undefined ? [] : rankGadgets(question, all);
  if (ranked.length > 0) return { gadgets: ranked, broken: [], matches: true };
  return { gadgets: all, broken, matches: question === undefined };
}

function readiness(gadget: Gadget, facts: Facts): Row {
  const forRole = roleObstacle(gadget, facts.role);
  const reasons = [...obstaclesOf(gadget, facts).reasons, ...(forRole === null ? [] : [forRole])];
  return reasons.length === 0 ? { can_run: true } : { can_run: false, why_not: reasons };
}

function brokenRow(name: string, reason: string): Row {
  return { name, can_run: false, why_not: [reason], from: "operator" };
}

function shortRow(gadget: Gadget, facts: Facts, { own }: Listing): Row {
  const { title, question, aggregations } = gadget.manifest;
  return {
    name: gadget.name,
    title,
    question,
    ...readiness(gadget, facts),
    parameters: gadgetParameters(gadget).map(({ name }) => name),
    ...(aggregations.length === 0 ? {} : { aggregations: aggregations.map(({ name }) => name) }),
    ...(own.includes(gadget) ? { from: "operator" } : {}),
  };
}

function wholeRow(gadget: Gadget, facts: Facts): Row {
  const { title, question, output, aggregations, needs, cost, blind_spots } = gadget.manifest;
  return {
    name: gadget.name,
    title,
    question,
    ...readiness(gadget, facts),
    output: output.type,
    ...(output.type === "table" ? { sorted_by: output.sort } : {}),
    parameters: gadgetParameters(gadget).map((parameter) => {
      if (!("variable" in parameter)) return { ...parameter };
      const { variable: _, default: value, ...shown } = parameter;
      return value === null ? shown : { ...shown, default: value };
    }),
    fields: fieldsOf(gadget).map(({ name, type }) => {
      const { doc, unit, format } = meaningOf(gadget, name);
      return { name, type, doc, ...(unit ? { unit } : {}), ...(format ? { format } : {}) };
    }),
    aggregations: aggregations.map(({ name, by, compute }) => ({ name, by, compute })),
    needs,
    cost,
    blind_spots,
  };
}

/** The fields of its events, or of its rows. */
function fieldsOf({ manifest: { output }, events, table }: Gadget): readonly SkeletonField[] {
  if (output.type === "table") return [...table?.key ?? [], ...table?.value ?? []];
  return events.find(({ name }) => name === output.event)?.fields ?? [];
}

function meaningOf({ manifest: { fields } }: Gadget, name: string) {
  const own = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return own ?? (Object.hasOwn(commonFields, name) ? commonFields[name] : undefined) ?? { doc: "" };
}

function rowOf(value: unknown): Row {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
