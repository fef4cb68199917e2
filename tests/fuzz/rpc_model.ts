// What JSON-RPC wants as answers to an input, worked out line by line and without the code under
// test: how many to each id, and how many errors without one.

export interface Wanted {
  /** Answers by the JSON of their id. */
  readonly answers: ReadonlyMap<string, number>;
  /** Errors whose id is null. */
  readonly anonymous: number;
  /** Whether a request may have been cancelled, so that its answer may be missing. */
  readonly cancels: boolean;
  /** Lines that are not blank, and those of them that are requests, notifications or responses. */
  readonly lines: number;
  readonly messages: number;
}

type Kind =
  | { readonly answer: "none" | "anonymous" | "cancels"; readonly isMessage: boolean }
  | { readonly answer: "id"; readonly id: string | number; readonly isMessage: boolean };

const CANCELLED = "notifications/cancelled";
const anonymous: Kind = { answer: "anonymous", isMessage: false };

/** Lines without their ends; the last has none. */
export function splitLines(input: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at <= input.length; at++) {
    if (at < input.length && input[at] !== 10) continue;
    if (at === input.length && at === start) break;
    const end = input[at - 1] === 13 && at > start ? at - 1 : at;
    lines.push(input.subarray(start, end));
    start = at + 1;
  }
  return lines;
}

export function answersWanted(input: Uint8Array): Wanted {
  const answers = new Map<string, number>();
  let [anonymousCount, lines, messages, cancels] = [0, 0, 0, false];
  for (const line of splitLines(input)) {
    const kind = kindOf(line);
    if (kind === null) continue;
    lines++;
    if (kind.isMessage) messages++;
    if (kind.answer === "anonymous") anonymousCount++;
    if (kind.answer === "id") {
      const key = JSON.stringify(kind.id);
      answers.set(key, (answers.get(key) ?? 0) + 1);
    }
    if (kind.answer === "cancels") cancels = true;
  }
  return { answers, anonymous: anonymousCount, cancels, lines, messages };
}

/** What a line is; null when it is blank. */
function kindOf(line: Uint8Array): Kind | null {
  let value: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(line);
    if (text.trim() === "") return null;
    value = JSON.parse(text);
  } catch {
    return anonymous;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return anonymous;
  const fields: Record<string, unknown> = { ...value };
  const { jsonrpc, id, method } = fields;
  const known = isId(id) ? id : null;
  const isSound = jsonrpc === "2.0" && typeof method === "string";
  const isResponse = jsonrpc === "2.0" && method === undefined && known !== null &&
    ("result" in value || "error" in value);
  if (isResponse) return { answer: "none", isMessage: true };
  if (known !== null) return { answer: "id", id: known, isMessage: isSound };
  if (id !== undefined || !isSound) return anonymous;
  return { answer: method === CANCELLED ? "cancels" : "none", isMessage: true };
}

function isId(id: unknown): id is string | number {
  return typeof id === "string" || Number.isSafeInteger(id);
}
