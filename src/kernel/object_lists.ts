// Which programs, maps and links exist, and word of it when one appears or goes.
//
// The kernel has no event for it. PERF_RECORD_BPF_EVENT tells of programs alone, and only through a
// ring per CPU that somebody has to drain. So the ids are walked from time to time, a system call
// each and no descriptor (a microsecond an id), by one timer for whoever listens, and only while
// somebody does.
import { EBPFError } from "../errors.ts";
import { type ObjectKind, walkIds } from "./ids.ts";

/** How long something may have been there, or gone, before it is told. */
const INTERVAL_MS = 500;
/** On a host with so many objects that a look is long, looks take a fiftieth of the time. */
const MOST_SHARE = 1 / 50;

interface Listener {
  readonly kinds: readonly ObjectKind[];
  changed(): void;
}

export class ObjectLists {
  readonly #listeners = new Set<Listener>();
  /** The last walk's ids by kind; null where it was refused. */
  readonly #seen = new Map<ObjectKind, readonly number[] | null>();
  #timer: number | null = null;

  /**
   * The ids of one kind, rising.
   * @throws permission/not_permitted without CAP_SYS_ADMIN
   * @since Linux 4.13 for programs and maps, 5.4 for BTF, 5.8 for links
   */
  ids(kind: ObjectKind): number[] {
    return [...walkIds(kind)];
  }

  /**
   * The ids of the last walk, for whoever listens to this kind; for others those of now.
   * @throws as `ids`
   */
  latest(kind: ObjectKind): readonly number[] {
    return this.#seen.get(kind) ?? this.ids(kind);
  }

  /**
   * Calls `changed` when an object of these kinds has appeared or gone, until disposed of. What
   * comes and goes between two walks is not seen. The timer keeps no process.
   * @throws as `ids`
   */
  listen(kinds: readonly ObjectKind[], changed: () => void): Disposable {
    this.#tell(); // `latest` is of now for the new listener, and no news for it later
    const fresh = kinds.filter((kind) => !this.#isWatched(kind));
    for (const [kind, ids] of fresh.map((kind) => [kind, this.ids(kind)] as const)) {
      this.#seen.set(kind, ids);
    }
    const listener = { kinds, changed };
    this.#listeners.add(listener);
    this.#timer ??= this.#schedule(0);
    return { [Symbol.dispose]: () => this.#remove(listener) };
  }

  #remove(listener: Listener): void {
    this.#listeners.delete(listener);
    for (const kind of [...this.#seen.keys()]) if (!this.#isWatched(kind)) this.#seen.delete(kind);
    if (this.#listeners.size > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #isWatched(kind: ObjectKind): boolean {
    return [...this.#listeners].some(({ kinds }) => kinds.includes(kind));
  }

  #schedule(lastLookMs: number): number {
    const timer = setTimeout(() => this.#look(), Math.max(INTERVAL_MS, lastLookMs / MOST_SHARE));
    Deno.unrefTimer(timer);
    return timer;
  }

  #look(): void {
    const started = performance.now();
    this.#timer = null;
    try {
      this.#tell();
    } finally {
      const tookMs = performance.now() - started;
      if (this.#listeners.size > 0) this.#timer ??= this.#schedule(tookMs);
    }
  }

  #tell(): void {
    const changed = new Set([...this.#seen.keys()].filter((kind) => this.#hasChanged(kind)));
    for (const listener of [...this.#listeners]) {
      const concerned = listener.kinds.some((kind) => changed.has(kind));
      if (concerned && this.#listeners.has(listener)) listener.changed();
    }
  }

  #hasChanged(kind: ObjectKind): boolean {
    const before = this.#seen.get(kind) ?? null;
    const now = this.#tryIds(kind);
    this.#seen.set(kind, now);
    if (before === null || now === null) return before !== now;
    return before.length !== now.length || before.some((id, index) => id !== now[index]);
  }

  /** Null when it is not ours to know any more: a reading would say why. */
  #tryIds(kind: ObjectKind): number[] | null {
    try {
      return this.ids(kind);
    } catch (error) {
      if (error instanceof EBPFError) return null;
      throw error;
    }
  }
}
