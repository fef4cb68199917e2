// Word of a change in what a resource is about, drawn from a change in the kernel's lists.
import { EBPFError } from "../errors.ts";
import type { ObjectKind } from "../kernel/ids.ts";
import { log } from "../log.ts";
import type { Services } from "../tools/define_tool.ts";

/**
 * Calls `changed` when, after a change in one of these lists, `fingerprint` gives another text. It
 * is asked only then; when it throws, the reading would too, which is a change.
 * @throws what the first `fingerprint` throws, permission/not_permitted without CAP_SYS_ADMIN
 */
export function watchReading(
  { kernel }: Services,
  kinds: readonly ObjectKind[],
  fingerprint: () => string,
  changed: () => void,
): Disposable {
  using owned = new DisposableStack();
  const reading = new WatchedReading(fingerprint);
  owned.use(kernel.lists.listen(kinds, () => {
    if (reading.hasChanged()) changed();
  }));
  reading.begin();
  return owned.move();
}

export class WatchedReading {
  readonly #fingerprint: () => string;
  /** What was last read; null where that was refused. */
  #last: string | null = null;

  constructor(fingerprint: () => string) {
    this.#fingerprint = fingerprint;
  }

  /** @throws what the fingerprint throws: there is nothing to watch */
  begin(): void {
    this.#last = this.#fingerprint();
  }

  /** A fault of ours says nothing of the reading: it is logged and, to be safe, a change. */
  hasChanged(): boolean {
    const before = this.#last;
    try {
      this.#last = this.#fingerprint();
    } catch (error) {
      this.#last = null; // whoever reads is told why
      if (error instanceof EBPFError) return before !== null;
      const detail = error instanceof Error ? error.stack ?? error.message : String(error);
      log("resources").error("cannot watch a reading: {detail}", { detail });
      return true;
    }
    return this.#last !== before;
  }
}
