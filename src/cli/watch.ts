// `call --watch`: the same question again and again, until the person has seen enough.
import type { Answer } from "../server/registry.ts";
import { pause } from "../slices.ts";
import { exitDone, exitError, type Terminal } from "./command.ts";
import { clearScreen, printAnswer, printJson } from "./output.ts";

/** An answer that comes at once is asked for again after this. */
const PERIOD_MS = 1_000;

/**
 * Prints each answer in the place of the last one, or, where stdout is no terminal, one line of
 * JSON each; an error ends it.
 */
export async function watch(
  ask: () => Promise<Answer>,
  terminal: Terminal,
  format: "auto" | "json",
  ending: AbortSignal,
): Promise<number> {
  while (!ending.aborted) {
    const began = performance.now();
    const answer = await ask();
    if (ending.aborted) break;
    if (!answer.ok) {
      await printJson(terminal, { error: answer.error });
      return exitError;
    }
    if (format === "auto") await clearScreen(terminal);
    await printAnswer(terminal, answer.result, format);
    await pause(PERIOD_MS - (performance.now() - began), ending);
  }
  return exitDone;
}
