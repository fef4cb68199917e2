// The sessions of one server: bound to their principals, bounded in number, ended when idle.
import { log } from "../../log.ts";
import { HttpSession } from "./http_session.ts";
import type { Connection } from "../connection.ts";
import type { Principal } from "./tokens.ts";

export interface SessionLimits {
  readonly maxSessions: number;
  readonly idleTimeoutMs: number;
}

export class HttpSessions implements AsyncDisposable {
  readonly #limits: SessionLimits;
  readonly #sessions = new Map<string, HttpSession>();
  readonly #timers = new Map<string, number>();
  readonly #ending = new Set<Promise<void>>();
  #reserved = 0;
  #isClosed = false;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  /** A place for one more session; null when there is none. Dispose of it to give it back. */
  reserve(): Disposable | null {
    const taken = this.#sessions.size + this.#ending.size + this.#reserved;
    if (this.#isClosed || taken >= this.#limits.maxSessions) return null;
    this.#reserved++;
    return { [Symbol.dispose]: () => void this.#reserved-- };
  }

  /** Starts a session in a reserved place. */
  async start(principal: Principal, connection: Connection): Promise<HttpSession> {
    const session = await HttpSession.start(principal, connection);
    if (this.#isClosed) await session[Symbol.asyncDispose]();
    else this.#sessions.set(session.id, session);
    log("http").info("session {id} of {principal} begins", tags(session));
    return session;
  }

  /** The session of this principal; null for one that is not there or somebody else's. */
  find(id: string, principal: Principal): HttpSession | null {
    const session = this.#sessions.get(id);
    return session !== undefined && session.principal.id === principal.id ? session : null;
  }

  /** Notes that a request of the session begins. */
  begin(session: HttpSession): void {
    session.begin();
    this.#disarm(session);
  }

  /** Notes that it is over: from now on the session is idle, unless others are on their way. */
  finish(session: HttpSession): void {
    session.end();
    this.#arm(session);
  }

  #disarm(session: HttpSession): void {
    clearTimeout(this.#timers.get(session.id));
    this.#timers.delete(session.id);
  }

  #arm(session: HttpSession): void {
    this.#disarm(session);
    if (!this.#sessions.has(session.id)) return;
    const timer = setTimeout(() => {
      if (session.isBusy) return this.#arm(session);
      log("http").info("session {id} of {principal} was idle for too long", tags(session));
      void this.release(session);
    }, this.#limits.idleTimeoutMs);
    this.#timers.set(session.id, timer);
  }

  /** Ends a session; returns when everything that it made is gone. */
  async release(session: HttpSession): Promise<void> {
    this.#disarm(session);
    this.#sessions.delete(session.id);
    const ending = session[Symbol.asyncDispose]().catch((error: unknown) => {
      log("http").error("session {id} did not end well: {error}", { id: session.id, error });
    });
    this.#ending.add(ending);
    await ending;
    this.#ending.delete(ending);
    log("http").info("session {id} of {principal} is over", tags(session));
  }

  /** Ends the sessions of whoever may not call any more. */
  async keepOnly(isWelcome: (principal: Principal) => boolean): Promise<void> {
    const unwelcome = [...this.#sessions.values()].filter((one) => !isWelcome(one.principal));
    await Promise.all(unwelcome.map((session) => this.release(session)));
  }

  /** Ends them all; returns when everything that they made is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.keepOnly(() => false);
    await Promise.all(this.#ending);
  }
}

function tags(session: HttpSession): Record<string, string> {
  return { id: session.id, principal: session.principal.id };
}
