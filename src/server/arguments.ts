// Arguments as the client sent them: bounded before they are read, explained when they are wrong.
import * as z from "zod";
import { type EBPFError, validationError } from "../errors.ts";
import type { ObjectSchema } from "../tools/define_tool.ts";
import { nearest } from "../view/nearest.ts";

const deepest = 16;
const mostValues = 100_000;
const longestReceived = 80;
const mostIssues = 8;

/**
 * Refuses arguments that are nested too deep or hold too many values, before anything recurses.
 * @throws validation/invalid_arguments
 */
export function checkSize(tool: string, args: unknown): void {
  let level: unknown[] = [args];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length;
    if (depth > deepest || values > mostValues) {
      const what = depth > deepest ? `nested over ${deepest} deep` : `over ${mostValues} values`;
      throw validationError("invalid_arguments", `Cannot call "${tool}": arguments are ${what}`, {
        deepest,
        most_values: mostValues,
      });
    }
    const next: unknown[] = [];
    for (const value of level) {
      // zod's records drop it in silence; that of the outermost object is refused as unknown
      if (depth > 0 && typeof value === "object" && value !== null) refuseProto(tool, value);
      // not push(...): a spread of 100,000 values overflows the stack
      if (typeof value === "object" && value !== null) {
        for (const member of Object.values(value)) next.push(member);
      }
    }
    level = next;
  }
}

function refuseProto(tool: string, value: object): void {
  if (!Object.hasOwn(value, "__proto__")) return;
  throw validationError("invalid_arguments", `Cannot call "${tool}": "__proto__" names nothing`);
}

/** What the arguments were meant for. */
export interface Callee {
  readonly name: string;
  readonly input: ObjectSchema;
}

type CalleeKind = "tool" | "prompt";

const verbs: Readonly<Record<CalleeKind, string>> = { tool: "call", prompt: "get" };
const hints: Readonly<Record<CalleeKind, (name: string) => string>> = {
  tool: (name) => `\`tools/list\` or \`ebpf-mcp tools ${name}\` shows what it takes`,
  prompt: () => "`prompts/list` shows what each prompt takes",
};

/** What is wrong with the arguments; for an unknown one, the accepted names and the nearest. */
export function explainIssues(
  kind: CalleeKind,
  { name, input }: Callee,
  args: unknown,
  issues: readonly z.core.$ZodIssue[],
): EBPFError {
  const all = issues.flatMap((issue) => flatten(issue, []));
  const flat = firstOfEachPlace(all).slice(0, mostIssues);
  const explained = flat.map(({ issue, path }) => explain(issue, path, input, args));
  const message = explained.map(({ text }) => text).join("; ");
  const accepted = explained.find((one) => one.accepted !== undefined)?.accepted;
  return validationError("invalid_arguments", `Cannot ${verbs[kind]} "${name}": ${message}`, {
    arguments: explained.flatMap(({ places }) => places).slice(0, mostIssues),
    ...(accepted === undefined ? {} : { accepted }),
    hint: hints[kind](name),
  });
}

type Path = readonly PropertyKey[];

interface Located {
  readonly issue: z.core.$ZodIssue;
  readonly path: Path;
}

/** The issue itself, or those of the union's branch that came closest. */
function flatten(issue: z.core.$ZodIssue, parent: Path): Located[] {
  const path = [...parent, ...issue.path];
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [{ issue, path }];
  const closest = issue.errors.reduce((a, b) => badness(b) < badness(a) ? b : a);
  return closest.flatMap((inner) => flatten(inner, path));
}

/** A number out of range can be wrong in two ways; one says enough. */
function firstOfEachPlace(located: readonly Located[]): Located[] {
  return [...Map.groupBy(located, ({ path }) => pathText(path)).values()].flatMap((same) => {
    const unknown = same.filter(({ issue }) => issue.code === "unrecognized_keys");
    return unknown.length > 0 ? unknown : same.slice(0, 1);
  });
}

/** A branch of another type altogether is further away than one with a wrong member. */
function badness(issues: readonly z.core.$ZodIssue[]): number {
  const elsewhere = issues.filter((issue) => issue.path.length === 0);
  return issues.length + elsewhere.filter((issue) => issue.code === "invalid_type").length * 100;
}

interface Explained {
  /** The arguments at fault, as `steps[0].id`. */
  readonly places: readonly string[];
  readonly text: string;
  readonly accepted?: readonly string[];
}

function explain(
  issue: z.core.$ZodIssue,
  path: Path,
  input: ObjectSchema,
  args: unknown,
): Explained {
  const place = pathText(path);
  if (issue.code === "unrecognized_keys") {
    const accepted = acceptedNames(input, path, args);
    const places = issue.keys.map((key) => pathText([...path, key]));
    return { places, text: unknownNames(issue.keys, place, accepted), accepted };
  }
  const received = valueAt(args, path);
  const wanted = lowerFirst(issue.message.replace(/^Invalid input: /, ""))
    .replace(/, received .*$/, "");
  const given = received === undefined ? "is missing" : `is ${receivedText(received)}`;
  return {
    places: [place],
    text: `${place === "" ? "the argument object" : place} ${given}: ${wanted}`,
  };
}

function unknownNames(keys: readonly string[], place: string, accepted: readonly string[]): string {
  const inside = place === "" ? "" : ` in ${place}`;
  const named = keys.map((key) => {
    const [near] = nearest(key, accepted, 1);
    return near === undefined ? `"${key}"` : `"${key}" (did you mean "${near}"?)`;
  }).join(", ");
  const wanted = accepted.length === 0 ? "no arguments" : accepted.join(", ");
  return `unknown argument ${named}${inside}; it accepts ${wanted}`;
}

/** A place in a value, as `steps[0].id`. */
export function pathText(path: Path): string {
  return path.map((key, i) => {
    if (typeof key === "number") return `[${key}]`;
    return i === 0 ? String(key) : `.${String(key)}`;
  }).join("");
}

function receivedText(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length <= longestReceived ? json : `${json.slice(0, longestReceived)}…`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function member(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce(member, value);
}

/** The names an object takes at this place: the JSON Schema walked along the path. */
function acceptedNames(input: ObjectSchema, path: Path, args: unknown): string[] {
  let schema: unknown = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
  let value = args;
  for (const key of path) {
    const objects = branches(schema, value);
    const holder = objects.find((one) => child(one, key) !== undefined);
    schema = child(holder, key);
    value = member(value, key);
  }
  const names = branches(schema, value).flatMap((one) => keysOf(member(one, "properties")));
  return [...new Set(names)];
}

function child(schema: unknown, key: PropertyKey): unknown {
  if (typeof key === "number") return member(schema, "items");
  return member(member(schema, "properties"), key) ?? member(schema, "additionalProperties");
}

/** The schema, or the branches of its union whose tag (`type: "file"`) fits the value. */
function branches(schema: unknown, value: unknown): unknown[] {
  const union = member(schema, "oneOf") ?? member(schema, "anyOf");
  if (!Array.isArray(union)) return [schema];
  const all: unknown[] = union;
  const names = keysOf(member(all[0], "properties"));
  const tags = names.filter((name) => all.every((branch) => tagsOf(branch, name) !== null));
  const fitting = all.filter((branch) =>
    tags.every((name) => tagsOf(branch, name)?.includes(member(value, name)))
  );
  return fitting.flatMap((branch) => branches(branch, value));
}

/** The values that a member may have when they are listed; null when they are not. */
function tagsOf(branch: unknown, name: string): readonly unknown[] | null {
  const schema = member(member(branch, "properties"), name);
  const constant = member(schema, "const");
  if (constant !== undefined) return [constant];
  const listed = member(schema, "enum");
  return Array.isArray(listed) ? listed : null;
}

function keysOf(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
