// An answer of inspect_state in the making: rows first, then pages that share the budget.
import type { EBPFError } from "../../errors.ts";
import { jsonBytes, type Page, page, pageByKey, type PageRequest } from "../../view/page.ts";
import type { ToolContext } from "../define_tool.ts";
import { describeSystem } from "../describe_system.ts";
import { type Filters, select, type Selection, type StateField, stateFields } from "./filters.ts";
import type { Inventory } from "./inventory.ts";
import { btfRows, linkRows, mapRows, programRows } from "./lists.ts";
import { kernelLists } from "./refusal.ts";
import type { Row } from "./row.ts";
import { describeSession } from "./session_row.ts";
import { bytesNeeded, fairShares } from "./shares.ts";
import type { StateOutput } from "./state_output.ts";
import { describeTool } from "./tool_row.ts";
import { type LogChoice, pageVerifierLogs } from "./verifier_log.ts";

export const state_limits = {
  items: 1000,
  defaultItems: 50,
  /** Lines of verifier logs, where no limit is given. */
  defaultLines: 1000,
} as const;

/** JSON around a list's items. */
const FRAME_BYTES = 128;

export interface StateRequest extends Filters {
  readonly limit?: number;
  readonly cursor?: string;
}

/** One list of the answer, before it is cut. */
interface Part {
  /** Bytes that it would fill. */
  readonly need: number;
  /** Puts a page of at most so many bytes into the answer. */
  fill(byteBudget: number): void;
}

export class StateAnswer {
  readonly #request: StateRequest & Selection;
  readonly #context: ToolContext;
  readonly #inventory: Inventory;
  readonly #answer: StateOutput = {};
  readonly #budget: number;

  constructor(request: StateRequest, context: ToolContext, inventory: Inventory) {
    this.#request = select(request);
    this.#context = context;
    this.#inventory = inventory;
    this.#budget = context.request.byteBudget;
  }

  /** Answers these fields, each list with a page. */
  fill(fields: readonly StateField[]): StateOutput {
    const answer = this.#answer;
    if (fields.includes("system")) answer.system = describeSystem(this.#context.host.system());
    const lists = kernelLists.filter((list) => fields.includes(list));
    this.#inventory.walk(lists);
    const given = fields.filter((field) => this.#refusal(field) === undefined);
    const refused = lists.map((list) => this.#refusal(list)).find((error) => error !== undefined);
    if (given.length === 0 && refused !== undefined) throw refused;
    if (given.includes("programs")) answer.statistics = this.#statistics();
    const notes = this.#notes();
    if (notes.length > 0) answer.notes = notes;
    const missing = this.#inventory.missing();
    if (missing.length > 0) answer.missing = missing;
    const wanted = stateFields.filter((field) => given.includes(field));
    const parts = wanted.map((field) => this.#part(field)).filter((part) => part !== null);
    const left = this.#budget - jsonBytes(answer) - parts.length * FRAME_BYTES;
    const shares = fairShares(parts.map(({ need }) => need), left);
    for (const [index, part] of parts.entries()) part.fill(shares[index] ?? 0);
    return answer;
  }

  #refusal(field: StateField): EBPFError | undefined {
    const list = kernelLists.find((name) => name === field);
    return list === undefined ? undefined : this.#inventory.refusal(list);
  }

  #part(field: StateField): Part | null {
    const answer = this.#answer;
    const inventory = this.#inventory;
    switch (field) {
      case "programs": {
        const statisticsOn = answer.statistics === "on";
        const clock = { statisticsOn, bootedAtMs: this.#context.host.bootedAtMs() };
        const rows = programRows(inventory, this.#request, clock);
        return this.#list(rows, (bytes) => answer.programs = this.#byId(field, rows, bytes));
      }
      case "maps": {
        const rows = mapRows(inventory, this.#request);
        return this.#list(rows, (bytes) => answer.maps = this.#byId(field, rows, bytes));
      }
      case "links": {
        const rows = linkRows(inventory, this.#request);
        return this.#list(rows, (bytes) => answer.links = this.#byId(field, rows, bytes));
      }
      case "btf": {
        const rows = btfRows(inventory, this.#request);
        return this.#list(rows, (bytes) => answer.btf = this.#byId(field, rows, bytes));
      }
      default:
        return this.#ownPart(field);
    }
  }

  /** Of lists that only this program can give. */
  #ownPart(field: StateField): Part | null {
    const answer = this.#answer;
    const { session, kernel, tools } = this.#context;
    switch (field) {
      case "session": {
        const rows = describeSession(session, kernel.names);
        return this.#list(rows, (bytes) => answer.session = this.#byIndex(field, rows, bytes));
      }
      case "tools": {
        const rows = tools.filter(({ name }) => this.#request.matches(name)).map(describeTool);
        return this.#list(rows, (bytes) => answer.tools = this.#byIndex(field, rows, bytes));
      }
      case "verifier": {
        const fill = (bytes: number) => {
          const request = this.#page(bytes, state_limits.defaultLines);
          answer.verifier = pageVerifierLogs(session, this.#logChoice(), request);
        };
        return { need: this.#budget, fill };
      }
      default:
        return null;
    }
  }

  #list(rows: readonly unknown[], fill: (byteBudget: number) => void): Part {
    // after a cursor the rest of the list is not known yet: it may take everything
    const { limit = state_limits.defaultItems, cursor } = this.#request;
    const need = cursor === undefined ? bytesNeeded(rows, limit, this.#budget) : this.#budget;
    return { need, fill };
  }

  /** A page of a list that may change between calls. */
  #byId<Shape>(field: StateField, rows: readonly Row<Shape>[], byteBudget: number): Page<Shape> {
    const request = this.#page(byteBudget, state_limits.defaultItems);
    const taken = pageByKey(`inspect_state ${field}`, rows, ({ id }) => id, request);
    return { ...taken, items: taken.items.map(({ shape }) => shape) };
  }

  #byIndex<Shape>(field: StateField, rows: readonly Shape[], byteBudget: number): Page<Shape> {
    const request = this.#page(byteBudget, state_limits.defaultItems);
    return page(`inspect_state ${field}`, rows, request);
  }

  #page(byteBudget: number, defaultLimit: number): PageRequest {
    const { limit = defaultLimit, cursor } = this.#request;
    return cursor === undefined ? { limit, byteBudget } : { limit, byteBudget, cursor };
  }

  #logChoice(): LogChoice {
    const { name, object_id, ids } = this.#request;
    return {
      ...(object_id === undefined ? {} : { objectId: object_id }),
      ...(ids === undefined ? {} : { programIds: ids }),
      ...(name === undefined ? {} : { name }),
    };
  }

  #statistics(): "on" | "off" | "unknown" {
    const enabled = this.#context.host.statisticsEnabled();
    if (enabled === null) return "unknown";
    return enabled ? "on" : "off";
  }

  /** After what the lists tell of was asked for. */
  #notes(): string[] {
    const notes: string[] = [];
    if (this.#answer.statistics === "off") {
      notes.push("Run counts are off: the operator can set sysctl kernel.bpf_stats_enabled=1");
    }
    if (!this.#inventory.pinsComplete) {
      notes.push("There are too many pinned objects: not every pin was looked at");
    }
    if (!this.#inventory.ownersComplete) {
      notes.push("There are too many open files on this host: not every owner was looked for");
    }
    return notes;
  }
}
