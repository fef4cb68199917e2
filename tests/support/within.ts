// Every wait of a test has an end.

/** What `promise` gives; rejects when that takes longer than `ms`. */
export async function within<Value>(
  ms: number,
  what: string,
  promise: Promise<Value>,
): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} took over ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Looks until `look` answers true, and how long that took in ms. For what gives no event: what the
 * kernel lists.
 */
export async function until(
  ms: number,
  what: string,
  look: () => boolean | Promise<boolean>,
): Promise<number> {
  const started = performance.now();
  for (;;) {
    const seen = await look();
    const elapsed = performance.now() - started;
    if (seen) return elapsed;
    if (elapsed > ms) throw new Error(`${what} took over ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
