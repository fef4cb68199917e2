// The one server that all tests of gadgets of a run share: its start takes seconds in a guest.
import { McpSession } from "./client.ts";

/** Large answers: a test reads all events of its workload at once. */
const args = ["--role", "operator", "--byte-budget", "262144"];

/** Starts before the first test, where the leak check knows of it; ends after the last. */
export class GadgetSession {
  #session: McpSession | null = null;

  constructor() {
    Deno.test.beforeAll(async () => {
      this.#session = await McpSession.start({ args });
    });
    Deno.test.afterAll(async () => {
      await this.#session?.[Symbol.asyncDispose]();
    });
  }

  get session(): McpSession {
    if (this.#session === null) throw new Error("the server runs only while tests do");
    return this.#session;
  }
}
