// One line of input to one JSON-RPC message, or to the error that answers it.
// @ts-types="@modelcontextprotocol/sdk/types"
import {
  InitializeRequestSchema,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  JSONRPCNotificationSchema,
  JSONRPCRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import type { Line, LineEnds } from "./line_reader.ts";

export const parseErrorCode = -32700;
export const invalidRequestCode = -32600;
export const methodNotFoundCode = -32601;
export const invalidParamsCode = -32602;
export const internalErrorCode = -32603;
/** Ours, for what is neither the request's fault nor a bug: permissions, limits, the kernel. */
export const refusedCode = -32000;

export type RequestId = string | number;

/** An error response; the id is null where the request's could not be read. */
export interface Refusal {
  readonly jsonrpc: "2.0";
  readonly id: RequestId | null;
  readonly error: { readonly code: number; readonly message: string };
}

export type Incoming =
  | { readonly kind: "message"; readonly message: JSONRPCMessage }
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  | { readonly kind: "nothing" };

const nothing: Incoming = { kind: "nothing" };

/** Reads a line. Never throws: what cannot be read is refused as JSON-RPC says. */
export function readLine(line: Line): Incoming {
  if (line.kind === "overlong") {
    const id = recoverId(line.ends);
    return refuse(id, invalidRequestCode, `The line has ${line.size} bytes, more than are read`);
  }
  const text = decode(line.bytes);
  if (text === null) return refuse(null, parseErrorCode, "The line is not UTF-8");
  if (text.trim() === "") return nothing;
  const parsed = parse(text);
  if (!parsed.ok) return refuse(null, parseErrorCode, `The line is not JSON: ${parsed.reason}`);
  return readMessage(parsed.value);
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

type Parsed = { ok: true; value: unknown } | { ok: false; reason: string };

function parse(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : "unknown reason" };
  }
}

function readMessage(value: unknown): Incoming {
  if (Array.isArray(value)) {
    return refuse(null, invalidRequestCode, "A batch (array) is not accepted; send one per line");
  }
  if (typeof value !== "object" || value === null) {
    return refuse(null, invalidRequestCode, "A message must be an object");
  }
  const { jsonrpc, id, method, params } = asFields(value);
  const known = isRequestId(id) ? id : null;
  if (jsonrpc !== "2.0") return refuse(known, invalidRequestCode, `"jsonrpc" must be "2.0"`);
  if (method === undefined && known !== null && ("result" in value || "error" in value)) {
    return readResponse(value);
  }
  if (typeof method !== "string") {
    return refuse(known, invalidRequestCode, `"method" must be a string`);
  }
  if (id !== undefined && known === null) {
    return refuse(null, invalidRequestCode, `"id" must be a string or an integer`);
  }
  if (params !== undefined && (typeof params !== "object" || params === null)) {
    return refuseUnlessNotified(known, invalidRequestCode, `"params" must be an object`);
  }
  return readCall(known, method, params);
}

/** What is named by the protocol and nothing else: the SDK drops messages with other members. */
function readCall(id: RequestId | null, method: string, params: object | undefined): Incoming {
  const call = { jsonrpc: "2.0", ...(id === null ? {} : { id }), method, ...spare({ params }) };
  // Not JSONRPCMessageSchema: at start it would be made for requests alone, with all of responses.
  const schema = id === null ? JSONRPCNotificationSchema : JSONRPCRequestSchema;
  const message = schema.safeParse(call);
  if (!message.success) {
    return refuseUnlessNotified(id, invalidParamsCode, `"params" do not fit "${method}"`);
  }
  if (method === "initialize" && id !== null) {
    const initialize = InitializeRequestSchema.safeParse(call);
    if (!initialize.success) {
      const reason = z.prettifyError(initialize.error).replaceAll("\n", " ");
      return refuse(id, invalidParamsCode, `"params" do not fit "initialize": ${reason}`);
    }
  }
  return { kind: "message", message: message.data };
}

function readResponse(value: object): Incoming {
  const { jsonrpc, id, result, error } = asFields(value);
  const message = JSONRPCMessageSchema.safeParse({ jsonrpc, id, ...spare({ result, error }) });
  return message.success ? { kind: "message", message: message.data } : nothing;
}

/** The members that are there. */
function spare(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function asFields(value: object): Record<string, unknown> {
  return { ...value };
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === "string" || Number.isSafeInteger(id);
}

function refuse(id: RequestId | null, code: number, message: string): Incoming {
  return { kind: "refusal", refusal: { jsonrpc: "2.0", id, error: { code, message } } };
}

/** Notifications are never answered, not even wrong ones. */
function refuseUnlessNotified(id: RequestId | null, code: number, message: string): Incoming {
  return id === null ? nothing : refuse(id, code, message);
}

const idPattern = String.raw`"id"\s*:\s*(-?\d{1,15}|"[^"\\]{0,100}")`;
const versionPattern = String.raw`"jsonrpc"\s*:\s*"2\.0"`;
const idAtHead = new RegExp(String.raw`^\s*\{\s*(?:${versionPattern}\s*,\s*)?${idPattern}\s*,`);
const idAtTail = new RegExp(
  String.raw`,\s*${idPattern}\s*(?:,\s*${versionPattern}\s*)?\}\s*$`,
);

/**
 * The id of a line too long to parse. Both patterns hold only for members of the outermost object:
 * the first brace opens it and the last closes it.
 */
function recoverId({ head, tail }: LineEnds): RequestId | null {
  const decoder = new TextDecoder();
  const found = idAtHead.exec(decoder.decode(head)) ?? idAtTail.exec(decoder.decode(tail));
  const text = found?.[1];
  if (text === undefined) return null;
  const parsed = parse(text);
  return parsed.ok && isRequestId(parsed.value) ? parsed.value : null;
}
