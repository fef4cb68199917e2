// Moments at which no client does anything, so that servers can be compared with themselves.

export class Rest {
  readonly #clients: number;
  #resting = 0;
  #wanted: PromiseWithResolvers<void> | null = null;
  #over = Promise.withResolvers<void>();

  /** @param clients how many have to arrive */
  constructor(clients: number) {
    this.#clients = clients;
  }

  /** True when clients should come to rest. */
  get isWanted(): boolean {
    return this.#wanted !== null;
  }

  /** Called by a client that holds nothing now; returns when all may go on. */
  async arrive(): Promise<void> {
    if (this.#wanted === null) return;
    this.#resting++;
    if (this.#resting === this.#clients) this.#wanted.resolve();
    await this.#over.promise;
  }

  /** Returns when every client rests. */
  async begin(): Promise<void> {
    this.#wanted = Promise.withResolvers<void>();
    await this.#wanted.promise;
  }

  end(): void {
    this.#wanted = null;
    this.#resting = 0;
    this.#over.resolve();
    this.#over = Promise.withResolvers<void>();
  }
}
