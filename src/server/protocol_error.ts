// Errors on the level of JSON-RPC: for whatever has no result of its own to hold an error.
import type { EBPFError, ErrorCode, ErrorObject } from "../errors.ts";
import { toErrorObject } from "./registry.ts";
import { internalErrorCode, invalidParamsCode, refusedCode } from "./wire.ts";

/** What MCP says for a URI that leads nowhere. */
export const resourceNotFoundCode = -32002;

/** The SDK sends code, message and data as they are. */
export class ProtocolError extends Error {
  constructor(readonly code: number, message: string, readonly data?: Record<string, unknown>) {
    super(message);
  }
}

/** Whatever was thrown while `name` was worked on, as a JSON-RPC error with our object as data. */
export function toProtocolError(name: string, error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error;
  const object = toErrorObject(name, error);
  return new ProtocolError(codeOf(object), object.message, { error: object });
}

function codeOf({ category, code }: ErrorObject): number {
  const notFound: ErrorCode = "resource_not_found";
  if (code === notFound) return resourceNotFoundCode;
  const byCategory: Partial<Record<EBPFError["category"], number>> = {
    validation: invalidParamsCode,
    internal: internalErrorCode,
  };
  return byCategory[category] ?? refusedCode;
}
