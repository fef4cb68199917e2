// A connection whose tools, and what they work on, are loaded by the first request that needs them.
import type { Config } from "../config.ts";
import type { Connection } from "./connection.ts";
import type { Offers } from "./reach.ts";

/**
 * What a request or notification may find unloaded. A client is answered `initialize` in half the
 * time: parsing and running all our code takes as long as the runtime needs to start.
 */
const early: readonly string[] = ["initialize", "notifications/initialized", "ping"];

export class LateConnection implements AsyncDisposable {
  readonly offers: Offers;
  readonly config: Config;
  readonly #load: () => Promise<Connection>;
  #connection: Promise<Connection> | null = null;

  constructor(offers: Offers, config: Config, load: () => Promise<Connection>) {
    this.offers = offers;
    this.config = config;
    this.#load = load;
  }

  /** One that is there already, and is disposed of in any case. */
  static of(connection: Connection): LateConnection {
    const { registry, services } = connection;
    const late = new LateConnection(registry.offers, services.config, () => {
      return Promise.resolve(connection);
    });
    late.#connection = Promise.resolve(connection);
    return late;
  }

  /** True when a message of this method has to wait for `open`. */
  isNeededBy(method: string): boolean {
    return !early.includes(method);
  }

  /** Opens it once. @throws what loading throws, each time */
  open(): Promise<Connection> {
    this.#connection ??= this.#load();
    return this.#connection;
  }

  /** Cancels what runs, if anything can. */
  async cancel(): Promise<void> {
    const connection = await this.#opened();
    connection?.cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = await this.#opened();
    await connection?.[Symbol.asyncDispose]();
  }

  async #opened(): Promise<Connection | null> {
    return await this.#connection?.catch(() => null) ?? null; // who opened it was told
  }
}
