// The one server that all tests of gadgets of a run share: its start takes seconds in a guest.
import { gadgetTestsHere } from "../matrix/gadgets.ts";
import { isGuest } from "../matrix/kernels.ts";
import { McpSession } from "./client.ts";
import { kernelTest } from "./kernel_test.ts";
import { LeakCheck } from "./leaks/leak_check.ts";

/** Large answers: a test reads all events of its workload at once. */
const args = ["--role", "operator", "--byte-budget", "262144"];

/** Ten tracepoints are let go of one grace period after the other, in a guest under emulation. */
const patienceMs = 20_000;

/** Starts before the first test, where the leak check knows of it; ends after the last. */
export class GadgetSession {
  #session: McpSession | null = null;
  #before: LeakCheck | null = null;
  readonly #tested = new Set<string>();

  constructor() {
    Deno.test.beforeAll(async () => {
      this.#session = await McpSession.start({ args });
      if (isGuest()) this.#before = new LeakCheck();
    });
    Deno.test.afterAll(async () => {
      const leaks = await this.#before?.leaks(patienceMs) ?? [];
      await this.#session?.[Symbol.asyncDispose]();
      if (leaks.length > 0) throw new Error(`the gadgets leave behind: ${leaks.join("; ")}`);
    });
  }

  /**
   * A test that uses the server. It is checked for leaks; in a guest, where a check takes as long
   * as a test, all are checked together at the end.
   */
  test(gadget: string, sentence: string, fn: () => Promise<void>): void {
    const isFirst = !this.#tested.has(gadget);
    this.#tested.add(gadget);
    const which = gadgetTestsHere();
    const wanted = which === "first" ? isFirst : which === "every" || which === gadget;
    if (!wanted) return;
    const name = `${gadget} ${sentence}`;
    if (isGuest()) Deno.test({ name, sanitizeOps: false }, fn);
    else kernelTest(name, fn, { server: "shared", patienceMs });
  }

  get session(): McpSession {
    if (this.#session === null) throw new Error("the server runs only while tests do");
    return this.#session;
  }
}
