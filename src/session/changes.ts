// Tells whoever listens that a session made, released or ended something.

export class Changes {
  readonly #listeners = new Set<() => void>();

  /** Calls the listener after each change, until what it returns is disposed of. */
  listen(listener: () => void): Disposable {
    const own = () => listener(); // the same function may listen twice
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
