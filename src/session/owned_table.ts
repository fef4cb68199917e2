// What a session owns of one kind, by id, in the order it was made.
import { type ErrorCode, resourceError } from "../errors.ts";
import { nearestFirst } from "../view/nearest.ts";
import type { Changes } from "./changes.ts";

export interface TableOptions {
  /** Prefix of the ids, and the noun in messages: `object`, `attachment`. */
  noun: string;
  notFound: ErrorCode;
  /** The most that one session may own. */
  most: number;
  /** Is told of what is added and what is released. */
  changes?: Changes;
}

const MOST_NAMES = 10;

export class OwnedTable<Item extends AsyncDisposable> implements AsyncDisposable {
  readonly #items = new Map<string, Item>();
  readonly #options: TableOptions;
  #made = 0;
  #closed = false;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#items.size;
  }

  /** In the order they were made. */
  entries(): [id: string, item: Item][] {
    return [...this.#items];
  }

  values(): Item[] {
    return [...this.#items.values()];
  }

  /** @throws limit_exceeded when the session owns as many as it may */
  requireRoom(): void {
    const { noun, most } = this.#options;
    if (this.#items.size < most) return;
    throw resourceError("limit_exceeded", `This session owns ${most} ${noun}s, the most it may`, {
      limit: most,
      hint: `release one that is no longer needed`,
    });
  }

  /** An id that was never given before: `object-1`, `object-2` … */
  nextId(): string {
    return `${this.#options.noun}-${++this.#made}`;
  }

  /**
   * Takes ownership. After the session ended, or when others took the last room meanwhile, the
   * item is released at once.
   * @throws cancelled when the session has ended, limit_exceeded
   */
  async add(id: string, item: Item): Promise<void> {
    if (!this.#closed && this.#items.size < this.#options.most) {
      this.#items.set(id, item);
      this.#options.changes?.announce();
      return;
    }
    await item[Symbol.asyncDispose]();
    if (!this.#closed) this.requireRoom();
    throw resourceError("cancelled", `The session ended before ${id} was ready: it was released`);
  }

  find(id: string): Item | undefined {
    return this.#items.get(id);
  }

  /** @throws the table's not-found code, naming what there is */
  get(id: string): Item {
    const item = this.#items.get(id);
    if (item !== undefined) return item;
    const { noun, notFound } = this.#options;
    throw resourceError(notFound, `This session has no ${noun} "${id}"`, {
      [`${noun}s`]: nearestFirst(id, this.#items.keys(), MOST_NAMES),
      total: this.#items.size,
    });
  }

  /** Releases one; false when it is not there, or is being released already. */
  async release(id: string): Promise<boolean> {
    const item = this.#items.get(id);
    if (item === undefined) return false;
    this.#items.delete(id);
    await item[Symbol.asyncDispose]();
    this.#options.changes?.announce();
    return true;
  }

  /** Releases everything, last made first, without waiting for one before starting the next. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const items = this.values().reverse();
    this.#items.clear();
    await Promise.allSettled(items.map((item) => item[Symbol.asyncDispose]()));
  }
}
