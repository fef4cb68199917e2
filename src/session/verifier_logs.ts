// Whole verifier logs of this session's loads, the newest few, for reading page by page.
import { session_limits } from "./limits.ts";

export interface VerifierLog {
  /** The load's object id; of a refused load too, though no such object exists. */
  objectId: string;
  /** Null when the log belongs to a refused load, whose program the text names. */
  program: string | null;
  accepted: boolean;
  text: string;
}

export class VerifierLogs {
  #logs: VerifierLog[] = [];

  /** Keeps the log's end when it is longer than the limit; the oldest logs make room. */
  add(log: VerifierLog): void {
    const text = log.text.slice(-session_limits.verifierLogBytes);
    this.#logs.push({ ...log, text });
    const loads = [...new Set(this.#logs.map((kept) => kept.objectId))];
    const newest = loads.slice(-session_limits.verifierLogs);
    this.#logs = this.#logs.filter((kept) => newest.includes(kept.objectId));
  }

  /** Oldest first. */
  all(): readonly VerifierLog[] {
    return this.#logs;
  }
}
