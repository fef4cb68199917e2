// A table of calls that must fail, each with the error that it must get.
import assert from "node:assert/strict";
import type { ErrorObject } from "./answers.ts";
import type { Arguments, McpSession } from "./client.ts";

export interface Expected {
  readonly category: ErrorObject["category"];
  readonly code: string;
  /** The errno's name; the error must have none where this is absent. */
  readonly errno?: string;
  readonly recoverable: boolean;
  /** What the message must say. */
  readonly says?: RegExp;
  /** Members of the context that must be there, with these values. */
  readonly context?: Readonly<Record<string, unknown>>;
}

export interface Row {
  readonly what: string;
  readonly tool: string;
  readonly args: Arguments;
  readonly expected: Expected;
}

/** Calls each row's tool, one after the other on one server: an error must not end it. */
export async function checkRefusals(
  t: Deno.TestContext,
  session: McpSession,
  rows: readonly Row[],
): Promise<void> {
  for (const { what, tool, args, expected } of rows) {
    await t.step(what, async () => requireError(await session.refusal(tool, args), expected));
  }
}

/** The error is the expected one. */
export function requireError(error: ErrorObject, expected: Expected): void {
  const { category, code, recoverable, context, message } = error;
  const shown = JSON.stringify(error);
  assert.deepEqual(
    { category, code, recoverable, errno: context.errno_name },
    {
      category: expected.category,
      code: expected.code,
      recoverable: expected.recoverable,
      errno: expected.errno,
    },
    shown,
  );
  assert.equal(context.errno === undefined, context.errno_name === undefined, shown);
  assert.doesNotMatch(message, /\.$|\n/, "a message is one line without a final full stop");
  if (expected.says !== undefined) assert.match(message, expected.says);
  for (const [name, value] of Object.entries(expected.context ?? {})) {
    assert.deepEqual(context[name], value, `context.${name} of ${shown}`);
  }
}

/** Shorthands for the categories; `validation("invalid_elf", …)`. */
export function validation(code: string, rest: Partial<Expected> = {}): Expected {
  return { category: "validation", code, recoverable: true, ...rest };
}

export function permission(code: string, rest: Partial<Expected> = {}): Expected {
  return { category: "permission", code, recoverable: false, ...rest };
}

export function resource(code: string, rest: Partial<Expected> = {}): Expected {
  return { category: "resource", code, recoverable: true, ...rest };
}

export function kernel(code: string, rest: Partial<Expected> = {}): Expected {
  return { category: "kernel", code, recoverable: true, ...rest };
}
