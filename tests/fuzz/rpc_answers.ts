// Holds what a server wrote against what JSON-RPC wants.
import * as z from "zod";
import { expect } from "./oracle.ts";
import type { Wanted } from "./rpc_model.ts";

const answer = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string().optional(),
  error: z.looseObject({ code: z.int(), message: z.string() }).optional(),
});

/** What a client can be told; -32603 would be an exception that got out. */
const CODES = new Set([-32700, -32600, -32601, -32602, -32002]);

/** For what still ran when the input ended; here nothing runs for long. */
const UNFINISHED = -32000;

/** @throws {FuzzFailure} for an answer too many, too few, or of the wrong kind */
export function checkAnswers(output: string, wanted: Wanted): void {
  const missing = new Map(wanted.answers);
  let anonymous = 0;
  for (const line of output.split("\n")) {
    if (line === "") continue;
    const { id, method, error } = answer.parse(JSON.parse(line));
    expect(!line.includes("internal_error"), () => `an internal error: ${line}`);
    const isKnown = error === undefined || CODES.has(error.code) ||
      (error.code === UNFINISHED && wanted.cancels);
    expect(isKnown, () => `error ${error?.code}: ${line}`);
    if (method !== undefined) continue; // a notification or request of the server's own
    if (id === null || id === undefined) {
      expect(error !== undefined, () => `a result without an id: ${line}`);
      anonymous++;
      continue;
    }
    const key = JSON.stringify(id);
    const left = missing.get(key) ?? 0;
    expect(left > 0, () => `an answer that nobody waits for: ${line}`);
    missing.set(key, left - 1);
  }
  expect(anonymous === wanted.anonymous, () => {
    return `${anonymous} errors without an id, wanted ${wanted.anonymous}`;
  });
  const open = [...missing].filter(([, left]) => left > 0).map(([key]) => key);
  expect(open.length === 0 || wanted.cancels, () => `no answer to ${open.join(", ")}`);
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  expect(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(output), () => {
    return "the output has control characters";
  });
}
