// Every tool's arguments, made from its own schema, against a session with real objects in it.
import * as z from "zod";
import { schemaOf } from "../../src/server/json_schema.ts";
import type { Tool } from "../../src/tools/define_tool.ts";
import { toolbox } from "../../src/tools/toolbox.ts";
import { heldBy } from "../support/kernel_state.ts";
import { ToolRefusal } from "../support/tool_calls.ts";
import { expect, FuzzFailure } from "./oracle.ts";
import type { Random } from "./random.ts";
import { type Json, SchemaValues } from "./schema_values.ts";
import type { Depth, Prepared, Target } from "./target.ts";
import { ToolFixture } from "./tool_fixture.ts";
import { harmless, toolWords } from "./tool_words.ts";

/** As the configuration has it by default; one event is given however large it is. */
const BUDGET_BYTES = 8192;
/** A call that waits is cancelled, as clients do. */
const CANCEL_MS = 25;
/** The session is ended after so many cases, and a new one made. */
const CASES_PER_SESSION = 512;
/** How often a tool is called, where it is not once in its turn: what it does takes longer. */
const RARE: Readonly<Record<string, number>> = {
  list_kernel_functions: 8,
  load_program: 8,
  inspect_hooks: 3,
  inspect_state: 6,
  run_gadget: 2,
  system_info: 12,
  unload_program: 4,
};
/** Descriptors that the process itself may open on the way. */
const SLACK_FDS = 8;

/** What `make` writes: JSON, which zod would not follow to its depth. */
const input = z.object({ tool: z.string(), args: z.custom<Json>() });

export const toolTarget: Target = {
  name: "tools",
  files: [
    "src/server/arguments.ts",
    "src/server/registry.ts",
    "src/tools/attach_program.ts",
    "src/tools/define_tool.ts",
    "src/tools/detach_link.ts",
    "src/tools/foreign_owner.ts",
    "src/tools/inspect/filters.ts",
    "src/tools/inspect/inventory.ts",
    "src/tools/inspect/state_answer.ts",
    "src/tools/inspect/verifier_log.ts",
    "src/tools/inspect_state.ts",
    "src/tools/load_program.ts",
    "src/tools/map_dump.ts",
    "src/tools/read_stream.ts",
    "src/tools/run_gadget.ts",
    "src/tools/stop_stream.ts",
    "src/tools/stream_answer.ts",
    "src/tools/stream_events.ts",
    "src/tools/system_info.ts",
    "src/tools/unload_program.ts",
  ],
  cases: { short: 1_500, long: 1_000_000 },
  processes: 2,
  caseMs: 1_000, // of the kernel's work: a gadget takes 100 ms to load when nothing else runs
  clock: "processor",
  async prepare() {
    const fixture = await ToolFixture.make();
    await fixture.renew();
    await fixture.call("system_info", {}, new AbortController().signal); // opens the libraries
    await fixture.end();
    return new ToolFuzz(fixture);
  },
};

class ToolFuzz implements Prepared {
  readonly #fixture: ToolFixture;
  readonly #schemas = new Map(toolbox.map((tool) => [tool.name, schemaOf(tool.input, "input")]));
  readonly #baseline = openFds();
  #cases = 0;

  constructor(fixture: ToolFixture) {
    this.#fixture = fixture;
  }

  /** `{"tool": name, "args": value}` as text. */
  make(random: Random): Uint8Array<ArrayBuffer> {
    const tool = someTool(random);
    const bends = random.once(3) ? random.between(1, 2) : 0;
    const values = new SchemaValues(random, toolWords, bends);
    const args = harmless(tool.name, values.value(this.#schemas.get(tool.name) ?? {}));
    return new TextEncoder().encode(JSON.stringify({ tool: tool.name, args }));
  }

  async renew(): Promise<void> {
    if (++this.#cases % CASES_PER_SESSION === 0) await this.#fixture.end();
    await this.#fixture.renew();
  }

  async run(bytes: Uint8Array<ArrayBuffer>): Promise<Depth> {
    const { tool, args } = input.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), CANCEL_MS);
    try {
      const answer = await this.#fixture.call(tool, args, abort.signal);
      checkAnswer(tool, answer);
      return "past";
    } catch (error) {
      if (!(error instanceof ToolRefusal)) throw error;
      return checkRefused(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the session: nothing that it made may be left in this process. */
  async settle(): Promise<void> {
    await this.#fixture.end();
    const held = heldBy(Deno.pid);
    const left = Object.values(held).flat();
    expect(left.length === 0, () => `left behind: ${JSON.stringify(held)}`);
    const fds = openFds();
    expect(fds <= this.#baseline + SLACK_FDS, () => `${fds} descriptors, were ${this.#baseline}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fixture[Symbol.asyncDispose]();
  }
}

function someTool(random: Random): Tool {
  const tool = random.pick(toolbox);
  return random.once(RARE[tool.name] ?? 1) ? tool : someTool(random);
}

function openFds(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

function checkAnswer(tool: string, answer: unknown): void {
  expect(typeof answer === "object" && answer !== null, () => `${tool} answers no object`);
  const size = JSON.stringify(answer).length;
  const isOneEvent = "events" in answer && Array.isArray(answer.events) && answer.events.length < 2;
  expect(size <= BUDGET_BYTES || isOneEvent, () => `${tool} answers ${size} bytes`);
}

/** "past" when the arguments were what the schema wants and the tool itself refused. */
function checkRefused({ category, code, message, context }: ToolRefusal): Depth {
  if (category === "internal" || code === "internal_error") {
    throw new FuzzFailure(`refused as ${category}/${code}: ${message}`);
  }
  const size = JSON.stringify({ message, context }).length;
  expect(message.length > 0 && size <= BUDGET_BYTES, () => `an error of ${size} bytes: ${code}`);
  const isOfSchema = code === "invalid_arguments" && message.startsWith("Cannot call ");
  return isOfSchema ? "refused" : "past";
}
