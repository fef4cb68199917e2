// The steps that a prompt leads a model through. A call is written only of a tool that the model
// can call, and only with arguments that the tool takes.
import { internalError } from "../errors.ts";
import type { Tool } from "../tools/define_tool.ts";
import { toJson } from "../view/json.ts";

/** Stands in the arguments for what only an earlier answer tells; `sample` is a possible value. */
export class Blank {
  constructor(readonly words: string, readonly sample: string | number) {}

  /** JSON with quotes where a text belongs: `<program_id of step 3>`, `"<path>"`. */
  get text(): string {
    return typeof this.sample === "string" ? `"<${this.words}>"` : `<${this.words}>`;
  }
}

/** A number that an earlier answer gives. */
export function idFrom(words: string): Blank {
  return new Blank(words, 1);
}

/** A text that whoever follows the steps knows. */
export function textOf(words: string): Blank {
  return new Blank(words, "x");
}

export type Arguments = Readonly<Record<string, unknown>>;

export class Steps {
  readonly #tools: readonly Tool[];
  readonly #lines: string[] = [];
  #count = 0;

  /** @param tools those within the reader's reach */
  constructor(tools: readonly Tool[]) {
    this.#tools = tools;
  }

  /** Whether all of these can be called. */
  can(...names: readonly string[]): boolean {
    return names.every((name) => this.#tools.some((tool) => tool.name === name));
  }

  /**
   * `2. Call map_dump with {"map_id": <map_id of step 1>}: why`; nothing when the tool is out of
   * reach. @throws internal_error when the tool would refuse the arguments
   */
  call(name: string, args: Arguments, why: string): this {
    const tool = this.#tools.find((one) => one.name === name);
    if (tool === undefined) return this;
    if (!tool.prepare(filled(args)).ok) {
      throw internalError(`A prompt shows ${name} with arguments that it refuses: ${toJson(args)}`);
    }
    const shown = Object.keys(args).length === 0 ? "" : ` with ${written(args)}`;
    return this.step(`Call ${name}${shown}: ${why}`);
  }

  /** A step that calls nothing. */
  step(text: string): this {
    this.#lines.push(`${++this.#count}. ${text}`);
    return this;
  }

  /** What stands between the steps. */
  note(text: string): this {
    this.#lines.push(text);
    return this;
  }

  get text(): string {
    return this.#lines.join("\n");
  }
}

/** With a sample in each blank. */
function filled(value: unknown): unknown {
  if (value instanceof Blank) return value.sample;
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one)]));
}

/** As JSON, but for the blanks. */
function written(value: unknown): string {
  if (value instanceof Blank) return value.text;
  if (Array.isArray(value)) return `[${value.map(written).join(", ")}]`;
  if (typeof value !== "object" || value === null) return toJson(value);
  const members = Object.entries(value).map(([name, one]) => `${toJson(name)}: ${written(one)}`);
  return `{${members.join(", ")}}`;
}
