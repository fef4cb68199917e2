// What is in the kernel and in this session: every object, who holds it, where it is attached.
import * as z from "zod";
import { validationError } from "../errors.ts";
import { jsonBytes, type Page, page, pageByKey, type PageRequest } from "../view/page.ts";
import { defineTool, type ToolContext } from "./define_tool.ts";
import { describeSystem, systemAnswer } from "./describe_system.ts";
import { btfRow } from "./inspect/btf_row.ts";
import {
  type Filters,
  requireAnswerable,
  requireKnownType,
  type StateField,
  stateFields,
} from "./inspect/filters.ts";
import { Inventory } from "./inspect/inventory.ts";
import { linkRow } from "./inspect/link_row.ts";
import { btfRows, linkRows, mapRows, programRows } from "./inspect/lists.ts";
import { mapRow } from "./inspect/map_row.ts";
import { matchesName } from "./inspect/name_pattern.ts";
import { programRow } from "./inspect/program_row.ts";
import { describeSession, sessionRow } from "./inspect/session_row.ts";
import { describeTool, toolRow } from "./inspect/tool_row.ts";
import { pageVerifierLogs, verifierPage } from "./inspect/verifier_log.ts";
import { kernelId } from "./loaded_shapes.ts";

const MOST_ITEMS = 1000;
const DEFAULT_ITEMS = 50;
/** JSON around a list's items. */
const FRAME_BYTES = 128;

function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({
    items: z.array(row),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
  }).optional();
}

const input = z.strictObject({
  fields: z.array(z.enum(stateFields)).min(1).max(stateFields.length)
    .default(["programs", "maps", "links", "session"]),
  type: z.string().min(1).max(64).optional().describe("Such as xdp, ringbuf, perf_event, module"),
  name: z.string().min(1).max(128).optional()
    .describe("Part of a name, or a whole one with * and ?; of a link, its program or hook"),
  ids: z.array(kernelId).min(1).max(256).optional().describe("Kernel ids; programs for verifier"),
  object_id: z.string().min(1).max(64).optional().describe("Whose verifier logs"),
  pinned_only: z.boolean().default(false),
  mine: z.boolean().default(false).describe("Only what this session made"),
  limit: z.int().min(1).max(MOST_ITEMS).optional()
    .describe(`Items of each list (${DEFAULT_ITEMS}); lines of verifier (${MOST_ITEMS})`),
  cursor: z.string().min(1).max(512).optional()
    .describe("next_cursor of one list: name that list alone in fields, with the same filters"),
});
type Input = z.output<typeof input>;

const output = z.object({
  statistics: z.enum(["on", "off", "unknown"]).optional()
    .describe("Whether the kernel counts runs of programs; off: counts are null or of the past"),
  programs: pageOf(programRow),
  maps: pageOf(mapRow),
  links: pageOf(linkRow),
  btf: pageOf(btfRow),
  system: systemAnswer.optional(),
  session: pageOf(sessionRow),
  tools: pageOf(toolRow),
  verifier: verifierPage.optional(),
  notes: z.array(z.string()).optional().describe("What limits this answer, and what to do"),
});
type Output = z.input<typeof output>;

export const inspectState = defineTool({
  name: "inspect_state",
  title: "Inspect programs, maps, links and this session",
  doc: "List what BPF holds in this kernel: programs (run counts, what they are attached to), " +
    "maps (which programs use them), links, BTF; each with owning processes and pins. Also this " +
    "session's objects, attachments and streams, the host (system), the tools and what they " +
    "need, and whole verifier logs. Each list has its own total and next_cursor.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "CAP_SYS_ADMIN; none for session, system, tools, verifier", kernel: "5.8" },
  limits: { max_items: MOST_ITEMS },
  maxTimeMs: 15_000,
  input,
  output,
  run(args, context) {
    const fields = [...new Set(args.fields)];
    requireAnswerable(args, fields);
    requireSingleList(args, fields);
    const inventory = new Inventory(context);
    if (args.type !== undefined) requireKnownType(args.type, fields, inventory);
    return new Answer(args, context, inventory).fill(fields);
  },
});

/** A cursor belongs to one list. */
function requireSingleList({ cursor }: Input, fields: readonly StateField[]): void {
  if (cursor === undefined || (fields.length === 1 && fields[0] !== "system")) return;
  throw validationError(
    "invalid_arguments",
    `Cannot continue ${fields.length} lists with one cursor: name one of them in fields`,
    { arguments: ["cursor", "fields"], accepted: stateFields.filter((f) => f !== "system") },
  );
}

/** One answer in the making: each list takes its share of what is left of the budget. */
class Answer {
  readonly #args: Input;
  readonly #context: ToolContext;
  readonly #inventory: Inventory;
  #left: number;
  #lists = 0;

  constructor(args: Input, context: ToolContext, inventory: Inventory) {
    this.#args = args;
    this.#context = context;
    this.#inventory = inventory;
    this.#left = context.request.byteBudget;
  }

  fill(fields: readonly StateField[]): Output {
    const answer: Output = {};
    if (fields.includes("system")) {
      answer.system = describeSystem(this.#context.host.system());
      this.#left -= jsonBytes(answer.system);
    }
    if (fields.includes("programs")) answer.statistics = this.#statistics();
    const notes = this.#notes(answer, fields);
    if (notes.length > 0) answer.notes = notes;
    this.#left -= jsonBytes(notes);
    this.#lists = fields.filter((field) => field !== "system").length;
    for (const field of stateFields) if (fields.includes(field)) this.#add(field, answer);
    return answer;
  }

  #add(field: StateField, answer: Output): void {
    const inventory = this.#inventory;
    const filters: Filters = this.#args;
    switch (field) {
      case "programs":
        answer.programs = this.#byId(field, ({ program_id }) => program_id, () => {
          const statisticsOn = answer.statistics === "on";
          const bootedAtMs = this.#context.host.bootedAtMs();
          return programRows(inventory, filters, { statisticsOn, bootedAtMs });
        });
        break;
      case "maps":
        answer.maps = this.#byId(field, ({ map_id }) => map_id, () => mapRows(inventory, filters));
        break;
      case "links":
        answer.links = this.#byId(field, (row) => row.link_id, () => linkRows(inventory, filters));
        break;
      case "btf":
        answer.btf = this.#byId(field, ({ btf_id }) => btf_id, () => btfRows(inventory, filters));
        break;
      default:
        this.#addOurs(field, answer);
    }
  }

  #addOurs(field: StateField, answer: Output): void {
    const { session, kernel, tools } = this.#context;
    const { name, object_id, ids } = this.#args;
    switch (field) {
      case "session":
        answer.session = this.#byIndex(field, describeSession(session, kernel.names));
        break;
      case "tools": {
        const named = tools.filter((tool) => name === undefined || matchesName(name, tool.name));
        answer.tools = this.#byIndex(field, named.map(describeTool));
        break;
      }
      case "verifier": {
        const choice = {
          ...(object_id === undefined ? {} : { objectId: object_id }),
          ...(ids === undefined ? {} : { programIds: ids }),
          ...(name === undefined ? {} : { name }),
        };
        const request = this.#request(MOST_ITEMS);
        answer.verifier = this.#spend(pageVerifierLogs(session, choice, request));
        break;
      }
    }
  }

  /** A page of a list that may change between calls. */
  #byId<Row>(field: StateField, idOf: (row: Row) => number, rows: () => Row[]): Page<Row> {
    const request = this.#request(DEFAULT_ITEMS);
    return this.#spend(pageByKey(`inspect_state ${field}`, rows(), idOf, request));
  }

  #byIndex<Row>(field: StateField, rows: readonly Row[]): Page<Row> {
    return this.#spend(page(`inspect_state ${field}`, rows, this.#request(DEFAULT_ITEMS)));
  }

  #request(defaultLimit: number): PageRequest {
    const { limit, cursor } = this.#args;
    return {
      limit: limit ?? defaultLimit,
      byteBudget: Math.floor(this.#left / Math.max(1, this.#lists)) - FRAME_BYTES,
      ...(cursor === undefined ? {} : { cursor }),
    };
  }

  /** What a list did not use is there for those after it. */
  #spend<List>(list: List): List {
    this.#left -= jsonBytes(list);
    this.#lists--;
    return list;
  }

  #statistics(): "on" | "off" | "unknown" {
    const enabled = this.#context.host.statisticsEnabled();
    if (enabled === null) return "unknown";
    return enabled ? "on" : "off";
  }

  #notes({ statistics }: Output, fields: readonly StateField[]): string[] {
    const notes: string[] = [];
    if (statistics === "off") {
      notes.push("Run counts are off: the operator can set sysctl kernel.bpf_stats_enabled=1");
    }
    const pinned = fields.some((field) => ["programs", "maps", "links"].includes(field));
    if (pinned && !this.#inventory.pinsComplete) {
      notes.push("There are too many pinned objects: not every pin was looked at");
    }
    return notes;
  }
}
