// The one way to write a test that touches the kernel: it fails, by its name, when it leaves
// anything behind. `deno task ok` refuses a bare `Deno.test` in the folders of such tests.
import { LeakCheck } from "./leaks/leak_check.ts";
import "./loaded.ts"; // opens the libraries before the first test, which would seem to leak them

export interface KernelTestOptions {
  /** How long what it made may take to go. */
  readonly patienceMs?: number;
  /** `shared`: its server outlives it, and so do reads of it, which Deno would call leaks. */
  readonly server?: "own" | "shared";
}

/** `fn` as a test after which no descriptor, kernel object, pin, mapping or thread is left. */
export function kernelTest(
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
  { patienceMs, server = "own" }: KernelTestOptions = {},
): void {
  Deno.test({ name, sanitizeOps: server === "own" }, async (t) => {
    const before = new LeakCheck();
    try {
      await fn(t);
    } catch (error) {
      await failWithLeaks(name, error, await before.leaks(patienceMs));
    }
    const leaks = await before.leaks(patienceMs);
    if (leaks.length > 0) throw new LeakError(name, leaks);
  });
}

/** A test that left something behind. */
export class LeakError extends Error {
  override readonly name = "LeakError";

  constructor(test: string, readonly leaks: readonly string[], cause?: unknown) {
    super(`"${test}" leaves behind: ${leaks.join("; ")}`, { cause });
  }
}

/** A test that fails has its own reason, which comes first; what it leaves is said beside it. */
function failWithLeaks(name: string, reason: unknown, leaks: readonly string[]): never {
  if (leaks.length === 0) throw reason;
  throw new AggregateError([reason, new LeakError(name, leaks)], `"${name}" fails, and leaks`);
}
