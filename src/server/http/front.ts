// Every HTTP request passes here: host -> origin -> path -> who -> room -> body -> session.
import { log } from "../../log.ts";
import type { Services } from "../../tools/define_tool.ts";
import { Connection } from "../connection.ts";
import type { Registry } from "../registry.ts";
import { invalidRequestCode, parseErrorCode, readLine } from "../wire.ts";
import { type BodyOutcome, BodyReader } from "./body.ts";
import type { HttpSession } from "./http_session.ts";
import type { HttpSessions } from "./http_sessions.ts";
import type { Allowlist } from "./origin.ts";
import { finish, refusal } from "./reply.ts";
import type { Principal } from "./tokens.ts";
// @ts-types="@modelcontextprotocol/sdk/types"
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

/** Who a request comes from; null for nobody. */
export type Identify = (request: Request) => Promise<Principal | null>;

export interface FrontOptions {
  readonly registry: Registry;
  readonly allowlist: Allowlist;
  readonly sessions: HttpSessions;
  readonly identify: Identify;
  readonly maxRequests: number;
  /** Opens what a new session works on. */
  openServices(): Promise<Services>;
}

const sessionHeader = "mcp-session-id";
const sessionNotFoundCode = -32001;
const path = "/mcp";

/** What an operator's client should do next. */
const retryHeaders = { "Retry-After": "1" };

export class Front {
  readonly #options: FrontOptions;
  readonly #bodies = new BodyReader();
  #running = 0;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  /** Answers a request; never throws. */
  async handle(request: Request): Promise<Response> {
    const origin = request.headers.get("origin");
    const added = this.#options.allowlist.crossOriginHeaders(origin);
    if (this.#running >= this.#options.maxRequests) {
      return finish(full("requests"), added, () => {});
    }
    this.#running++;
    const answer = await this.#attempt(request, origin);
    const leave = () => void this.#running--;
    if (request.method !== "GET") return finish(answer, added, leave);
    leave(); // it only listens from now on; sessions are bounded, and each has one listener
    return finish(answer, added, () => {});
  }

  async #attempt(request: Request, origin: string | null): Promise<Response> {
    try {
      return await this.#answer(request, origin);
    } catch (error) {
      log("http").error("cannot answer: {error}", { error });
      return refusal(500, "Internal error, see the log on stderr");
    }
  }

  async #answer(request: Request, origin: string | null): Promise<Response> {
    const { allowlist, identify } = this.#options;
    const host = request.headers.get("host");
    if (host === null || !allowlist.allowsHost(host)) {
      return refusal(403, "This Host is not served; the operator gives it with --allow-host");
    }
    if (!allowlist.allowsOrigin(origin, host)) {
      return refusal(403, "This Origin may not call; the operator gives it with --allow-origin");
    }
    if (new URL(request.url).pathname !== path) return refusal(404, `MCP is at ${path}`);
    if (request.method === "OPTIONS" && origin !== null) return allowlist.preflight();
    const principal = await identify(request);
    if (principal === null) return unauthorized(request);
    switch (request.method) {
      case "POST":
        return await this.#post(request, principal);
      case "GET":
        return await this.#listen(request, principal);
      case "DELETE":
        return await this.#end(request, principal);
      default:
        return refusal(405, "Only GET, POST and DELETE", {
          headers: { Allow: "GET, POST, DELETE" },
        });
    }
  }

  async #post(request: Request, principal: Principal): Promise<Response> {
    const wrong = wrongContent(request);
    if (wrong !== null) return wrong;
    const id = request.headers.get(sessionHeader);
    const session = id === null ? null : this.#options.sessions.find(id, principal);
    if (id !== null && session === null) return sessionNotFound();
    const message = readMessage(await this.#bodies.read(request));
    if (message instanceof Response) return message;
    if (session !== null) return await this.#within(session, () => session.post(request, message));
    if (isInitialize(message)) return await this.#begin(request, principal, message);
    return refusal(400, "Mcp-Session-Id is missing: initialize first", {
      code: invalidRequestCode,
    });
  }

  /** The first request of a client makes its session. */
  async #begin(
    request: Request,
    principal: Principal,
    message: JSONRPCMessage,
  ): Promise<Response> {
    const { sessions, registry } = this.#options;
    using place = sessions.reserve();
    if (place === null) return full("sessions");
    const connection = new Connection(registry, await this.#options.openServices());
    const session = await sessions.start(principal, connection);
    const response = await this.#within(session, () => session.post(request, message));
    if (response.status !== 200) await sessions.release(session);
    return response;
  }

  async #listen(request: Request, principal: Principal): Promise<Response> {
    const session = this.#sessionOf(request, principal);
    if (session instanceof Response) return session;
    return await this.#within(session, () => session.listen(request));
  }

  /** Answers when everything that the session made is gone. */
  async #end(request: Request, principal: Principal): Promise<Response> {
    const session = this.#sessionOf(request, principal);
    if (session instanceof Response) return session;
    await this.#options.sessions.release(session);
    return new Response(null, { status: 200 });
  }

  #sessionOf(request: Request, principal: Principal): HttpSession | Response {
    const id = request.headers.get(sessionHeader);
    if (id === null) return refusal(400, "Mcp-Session-Id is missing: initialize first");
    return this.#options.sessions.find(id, principal) ?? sessionNotFound();
  }

  /** The session is busy from the request to the end of its answer. */
  async #within(session: HttpSession, work: () => Promise<Response>): Promise<Response> {
    const { sessions } = this.#options;
    sessions.begin(session);
    try {
      return finish(await work(), new Headers(), () => sessions.finish(session));
    } catch (error) {
      sessions.finish(session);
      throw error;
    }
  }
}

/** The same for a session that never was, one that is over, and somebody else's. */
function sessionNotFound(): Response {
  return refusal(404, "There is no such session: initialize anew", { code: sessionNotFoundCode });
}

function full(what: string): Response {
  return refusal(503, `The server has as many ${what} as it may`, { headers: retryHeaders });
}

function unauthorized(request: Request): Response {
  const given = request.headers.has("authorization") ? ', error="invalid_token"' : "";
  return refusal(401, "A bearer token is wanted: Authorization: Bearer TOKEN", {
    headers: { "WWW-Authenticate": `Bearer realm="ebpf-mcp"${given}` },
  });
}

/** What the transport would refuse too, before a body of up to 12 MiB is read for it. */
function wrongContent(request: Request): Response | null {
  const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") return refusal(415, "Content-Type must be application/json");
  const accept = request.headers.get("accept") ?? "";
  const accepts = ["application/json", "text/event-stream"].every((one) => accept.includes(one));
  if (accepts) return null;
  return refusal(406, "Accept must list application/json and text/event-stream");
}

const statuses: Readonly<Record<Exclude<BodyOutcome["kind"], "whole">, readonly [number, string]>> =
  {
    "too large": [413, "The body has over 12 MiB"],
    "too slow": [408, "The body did not come in time"],
    "no room": [503, "Too many bodies are being read"],
    "broken": [400, "The body broke off"],
  };

function readMessage(body: BodyOutcome): JSONRPCMessage | Response {
  if (body.kind !== "whole") {
    const [status, message] = statuses[body.kind];
    return refusal(status, message, { headers: { Connection: "close" } });
  }
  const incoming = readLine({ kind: "line", bytes: body.bytes });
  if (incoming.kind === "message") return incoming.message;
  if (incoming.kind === "nothing") {
    return refusal(400, "The body holds no request", { code: parseErrorCode });
  }
  return new Response(JSON.stringify(incoming.refusal), {
    status: 400,
    headers: { "Content-Type": "application/json" },
  });
}

function isInitialize(message: JSONRPCMessage): boolean {
  return "method" in message && message.method === "initialize" && "id" in message;
}
