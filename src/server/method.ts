// How the methods of the protocol read their requests: loosely, so that what does not fit is
// refused here, as -32602 and in our words.
// @ts-types="@modelcontextprotocol/sdk/shared/protocol"
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import type { ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { ProtocolError } from "./protocol_error.ts";
import { invalidParamsCode } from "./wire.ts";

/** What the SDK gives a handler besides the request. */
export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** A request of one method, its params unread. */
export function requestOf<Method extends string>(method: Method) {
  return z.object({ method: z.literal(method), params: z.unknown().optional() });
}

/** @throws ProtocolError -32602 saying what is wanted */
export function readParams<Params>(
  method: string,
  shape: z.ZodType<Params>,
  wanted: string,
  params: unknown,
): Params {
  const parsed = shape.safeParse(params);
  if (parsed.success) return parsed.data;
  throw new ProtocolError(
    invalidParamsCode,
    `Cannot read the params of ${method}: wanted ${wanted}`,
  );
}

/** @throws ProtocolError -32602: every list has one page */
export function refuseCursor(method: string, params: unknown): void {
  const given = typeof params === "object" && params !== null && "cursor" in params &&
    params.cursor !== undefined;
  if (given) {
    throw new ProtocolError(invalidParamsCode, `${method} has one page: no cursor is valid`);
  }
}
