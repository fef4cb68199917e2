// An end of a script that the person at the terminal can do something about.

import { fail } from "./say.ts";

/** Its message is all that the person needs to see: no stack trace. */
export class ScriptError extends Error {
  override readonly name: string = "ScriptError";
}

/** Runs a script; a ScriptError becomes one message on stderr and exit code 1. */
export async function runScript(name: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (error instanceof ScriptError) fail(`${name}: ${error.message}`);
    throw error;
  }
}
