// Two looks at what a test may leave behind, one before it and one after.
import { foreignObjects } from "./foreign.ts";
import { added, type Holdings, together } from "./holdings.ts";
import {
  describe,
  isLostByKernel,
  isOfKernel,
  type KernelObject,
  kernelObjects,
  nameOf,
  pinnedObject,
  pins,
} from "./kernel_objects.ts";
import { children, descendants, descriptors, mappings, threads } from "./own_process.ts";

/** The kernel frees much only after a grace period, and a process's things after its end. */
const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 20;

/** What there is at one moment. */
export class LeakCheck {
  readonly #own = ownHoldings();
  readonly #objects = kernelObjects();
  readonly #pins = pins();
  /** What another process was seen to hold stays its own, also while the kernel frees it. */
  readonly #foreign = new Set<string>();

  /**
   * What is there now and was not when this was made: `map 12 "counts"`, `pin PATH`. It counts what
   * stays for the whole of `patienceMs`, in which the kernel frees what it frees later, and other
   * processes' objects come and go.
   */
  async leaks(patienceMs = PATIENCE_MS): Promise<string[]> {
    const deadline = performance.now() + patienceMs;
    for (let left = this.#left();;) {
      if (left.size === 0 || performance.now() > deadline) return [...left.values()].map(described);
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS)); // nothing tells of it
      const now = this.#left();
      left = new Map([...left].filter(([name]) => now.has(name)));
    }
  }

  #left(): Map<string, Leak> {
    const inKernel = this.#leftInKernel();
    return new Map([...added(this.#own, ownHoldings()), ...inKernel]);
  }

  #leftInKernel(): [string, Leak][] {
    const newPins = [...added(this.#pins, pins())];
    const objects = [...kernelObjects()].filter(([name]) => !this.#objects.has(name));
    if (newPins.length === 0 && objects.length === 0) return [];
    const pinned = new Map(newPins.map(([name]) => [name, pinnedAt(name)]));
    this.#rememberForeign([...objects.map(([, object]) => object), ...pinned.values()]);
    const foreignPin = (name: string) => {
      const object = pinned.get(name) ?? null;
      return object !== null && this.#foreign.has(nameOf(object));
    };
    return [
      ...objects.filter(([name, object]) =>
        !this.#foreign.has(name) && !isLostByKernel(object) && !isOfKernel(object)
      ),
      ...newPins.filter(([name]) => !foreignPin(name)),
    ];
  }

  #rememberForeign(candidates: readonly (KernelObject | null)[]): void {
    const ours = new Set([Deno.pid, ...descendants().map(({ pid }) => pid)]);
    const objects = candidates.filter((object) => object !== null);
    for (const name of foreignObjects(objects, ours)) this.#foreign.add(name);
  }
}

/** What the kernel has under an id, or what there is to say of anything else. */
type Leak = KernelObject | string;

function described(leak: Leak): string {
  return typeof leak === "string" ? leak : describe(leak);
}

function ownHoldings(): Holdings {
  return together(descriptors(), mappings(), threads(), children());
}

function pinnedAt(name: string): KernelObject | null {
  return name.startsWith("pin /") ? pinnedObject(name.slice("pin ".length)) : null;
}
