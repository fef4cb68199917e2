// The resources that one client wants to be told of, and the telling: at most once in a while each.
import type { Connection } from "./connection.ts";
import { ProtocolError } from "./protocol_error.ts";
import { refusedCode } from "./wire.ts";

const mostSubscriptions = 64;

/** Changes that come closer together than this are told as one. */
const quietMs = 50;

export class Subscriptions implements Disposable {
  readonly #connection: Connection;
  readonly #tell: (uri: string) => void;
  readonly #watched = new Map<string, DisposableStack>();

  /** @param tell sends `notifications/resources/updated` */
  constructor(connection: Connection, tell: (uri: string) => void) {
    this.#connection = connection;
    this.#tell = tell;
  }

  /** @throws resource/resource_not_found, permission/tool_not_allowed, ProtocolError when full */
  add(uri: string): void {
    if (this.#watched.has(uri)) return;
    if (this.#watched.size >= mostSubscriptions) {
      const message = `Cannot subscribe: ${mostSubscriptions} subscriptions are the most`;
      throw new ProtocolError(refusedCode, message);
    }
    const { registry: { library }, services } = this.#connection;
    const stack = new DisposableStack();
    let timer: number | undefined;
    stack.defer(() => clearTimeout(timer));
    const watch = library.watch(uri, services, () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        this.#tell(uri);
      }, quietMs);
    });
    if (watch !== null) stack.use(watch);
    this.#watched.set(uri, stack);
  }

  /** Without effect on what is not subscribed to. */
  remove(uri: string): void {
    this.#watched.get(uri)?.dispose();
    this.#watched.delete(uri);
  }

  [Symbol.dispose](): void {
    for (const uri of [...this.#watched.keys()]) this.remove(uri);
  }
}
