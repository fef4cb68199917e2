// Request bodies: bounded in size, in time, and in what all of them together hold in memory.

/** One body: a 4 MiB object in base64 with room to spare, as on stdio. */
export const mostBodyBytes = 12 * 1024 * 1024;

/** All bodies that are being read. */
const mostHeldBytes = 4 * mostBodyBytes;

/** A body that takes longer in all, or says nothing for so long, is given up. */
const wholeTimeoutMs = 30_000;
const pauseTimeoutMs = 10_000;

export type BodyOutcome =
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "too large" | "too slow" | "no room" | "broken" };

export interface BodyLimits {
  readonly mostBytes: number;
  readonly wholeTimeoutMs: number;
  readonly pauseTimeoutMs: number;
}

const defaults: BodyLimits = { mostBytes: mostBodyBytes, wholeTimeoutMs, pauseTimeoutMs };

/** Reads bodies for one server. */
export class BodyReader {
  readonly #limits: BodyLimits;
  #heldBytes = 0;

  constructor(limits: Partial<BodyLimits> = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** Reads no more than is allowed; a body that says it is larger is not read at all. */
  async read(request: Request): Promise<BodyOutcome> {
    if (Number(request.headers.get("content-length") ?? 0) > this.#limits.mostBytes) {
      return { kind: "too large" };
    }
    const reader = request.body?.getReader();
    if (reader === undefined) return { kind: "whole", bytes: new Uint8Array(0) };
    const parts: Uint8Array[] = [];
    let size = 0;
    const deadline = performance.now() + this.#limits.wholeTimeoutMs;
    try {
      for (;;) {
        const patience = Math.min(this.#limits.pauseTimeoutMs, deadline - performance.now());
        const chunk = await within(patience, reader.read());
        if (chunk === null) return { kind: "too slow" };
        if (chunk.value === undefined) break;
        size += chunk.value.length;
        this.#heldBytes += chunk.value.length;
        if (size > this.#limits.mostBytes) return { kind: "too large" };
        if (this.#heldBytes > mostHeldBytes) return { kind: "no room" };
        parts.push(chunk.value);
      }
      return { kind: "whole", bytes: join(parts, size) };
    } catch {
      return { kind: "broken" }; // the client went away, or its chunks are none
    } finally {
      this.#heldBytes -= size;
      reader.cancel().catch(() => {}); // what was not read is not wanted
    }
  }
}

async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | null> {
  let timer: number | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), Math.max(0, ms));
  });
  try {
    return await Promise.race([promise, patience]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => {}); // it may fail after we gave up on it
  }
}

function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
