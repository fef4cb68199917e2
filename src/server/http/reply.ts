// Answers that come from us and not from the protocol: refusals, mostly.
import { refusedCode } from "../wire.ts";

/** On every answer: nothing of it may be stored, and nothing in it guessed at. */
const always: readonly (readonly [name: string, value: string])[] = [
  ["Cache-Control", "no-store"],
  ["X-Content-Type-Options", "nosniff"],
];

export interface RefusalOptions {
  readonly code?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal as a JSON-RPC error, which clients look for in any answer. */
export function refusal(status: number, message: string, options: RefusalOptions = {}): Response {
  const { code = refusedCode, headers = {} } = options;
  const body = JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } });
  return new Response(body, {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

/** The same answer with the headers that every answer has, and `done` called at its end. */
export function finish(response: Response, added: Headers, done: () => void): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of [...always, ...added]) {
    if (!headers.has(name)) headers.set(name, value);
  }
  const { status } = response;
  if (response.body === null) {
    done();
    return new Response(null, { status, headers });
  }
  return new Response(observed(response.body, done), { status, headers });
}

/** A stream that tells of its end, however it ends: read up, cancelled, or broken. */
function observed(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  done: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done: isDone } = await reader.read();
        if (!isDone) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      done();
    },
    async cancel(reason) {
      done();
      await reader.cancel(reason);
    },
  });
}
