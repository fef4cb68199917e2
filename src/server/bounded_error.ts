// Errors that fit into an answer: they quote what the client sent, and that may be long.
import type { ErrorObject } from "../errors.ts";
import { cutValue } from "../view/cut_value.ts";

/** In JSON; together with the rest of an error they stay below the default byte budget. */
const messageBytes = 2048;
const contextBytes = 5632;

/** The error with its message and context cut where they are too long, which `truncated` says. */
export function boundedError(error: ErrorObject): ErrorObject {
  const message = cutValue(error.message, messageBytes);
  const context = cutValue(error.context, contextBytes);
  if (!message.cut && !context.cut) return error;
  return {
    ...error,
    message: message.cut ? `${message.value}…` : error.message,
    context: { ...Object(context.value), truncated: true },
  };
}
