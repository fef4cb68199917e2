// Lines of a client: a recorded session, changed in what it says and in how that is spelled.
import { joined, mutate } from "./mutate.ts";
import type { Random } from "./random.ts";

const encoder = new TextEncoder();

/** What a client says from its first line to its last, with the members that MCP gives them. */
const SESSION: readonly Readonly<Record<string, unknown>>[] = [
  { id: 1, method: "ping" },
  { id: 2, method: "tools/list", params: {} },
  { id: 3, method: "tools/list", params: { cursor: "abc" } },
  { id: 4, method: "tools/call", params: { name: "echo", arguments: { text: "hello" } } },
  {
    id: 5,
    method: "tools/call",
    params: { name: "echo", arguments: { text: "é\u2028", times: 3 } },
  },
  {
    id: "six",
    method: "tools/call",
    params: { name: "echo", arguments: { text: "progress" }, _meta: { progressToken: 6 } },
  },
  {
    id: 7,
    method: "tools/call",
    params: { name: "load_program", arguments: { source: { type: "file", path: "/x.o" } } },
  },
  { id: 8, method: "tools/call", params: { name: "ebpf_load" } },
  { id: 9, method: "tools/call", params: { name: "unpin_object", arguments: { id: 12 } } },
  { id: 10, method: "resources/list" },
  { id: 11, method: "prompts/list", params: {} },
  {
    id: 12,
    method: "completion/complete",
    params: { ref: {}, argument: { name: "a", value: "" } },
  },
  { id: 13, method: "logging/setLevel", params: { level: "debug" } },
  { method: "notifications/initialized" },
  { method: "notifications/progress", params: { progressToken: 1, progress: 0.5 } },
  { id: 14, result: {} },
  { id: 15, error: { code: -32601, message: "no" } },
];

const CANCEL = {
  method: "notifications/cancelled",
  params: { requestId: 4, reason: "enough" },
};

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "fuzz", version: "1" },
  },
};

/** What a session begins with. */
export const initializeLine = encoder.encode(`${JSON.stringify(INITIALIZE)}\n`);

/** JSON texts that stand where another value is expected. */
const VALUES = [
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  "1e400",
  "-0",
  "9007199254740993",
  "123456789012345678901234567890",
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u202e\\u001b[31m"',
  "[]",
  "{}",
  "[[],[[]]]",
  '{"__proto__":{"x":1},"constructor":2}',
  '"2.0"',
  '"tools/call"',
] as const;
const MEMBERS = ["jsonrpc", "id", "method", "params", "result", "error", "__proto__", "extra"];
const DEEPEST = 4000;
const LONGEST = 100_000;

/** A client's whole input: a few lines, most of them right or nearly so. */
export function someLines(random: Random): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  if (!random.once(10)) parts.push(initializeLine);
  for (let count = random.between(1, 8); count > 0; count--) parts.push(someLine(random));
  const whole = joined(...parts);
  return random.once(12) ? whole.slice(0, random.below(whole.length + 1)) : whole;
}

function someLine(random: Random): Uint8Array {
  const template = random.once(20) ? INITIALIZE : random.once(150) ? CANCEL : random.pick(SESSION);
  const text = JSON.stringify({ jsonrpc: "2.0", ...template });
  const changed = random.once(3) ? text : misspelled(random, misput(random, text));
  const bytes = encoder.encode(changed);
  const damaged = random.once(16) ? mutate(random, bytes, 0) : bytes;
  const end = random.once(24) ? random.pick(["", "\r\n", "\n\n", " \t\n", "\r", "\0\n"]) : "\n";
  return joined(damaged, encoder.encode(end));
}

/** Another value, a member twice, one too many or too few; still JSON, mostly. */
function misput(random: Random, text: string): string {
  const value = someValue(random);
  switch (random.below(7)) {
    case 0:
      return text.replace(/("id":)[^,}]+/, (_, name) => `${name}${value}`);
    case 1:
      return replaceSomeValue(random, text, value);
    case 2:
      return text.replace("{", () => `{"${random.pick(MEMBERS)}":${value},`);
    case 3:
      return text.replace(/}$/, () => `,"${random.pick(MEMBERS)}":${value}}`);
    case 4:
      return text.replace(/("arguments":)\{/, (_, name) => `${name}{"text":${value},`);
    case 5:
      return text.replace(/("params":).*}$/, (_, name) => `${name}${value}}`);
    default:
      return text.replace(/"jsonrpc":"2.0",?/, "");
  }
}

function someValue(random: Random): string {
  if (random.once(40)) {
    const depth = random.below(DEEPEST);
    return "[".repeat(depth) + "]".repeat(random.once(4) ? depth + 1 : depth);
  }
  if (random.once(200)) return JSON.stringify("x".repeat(random.below(LONGEST)));
  return random.pick(VALUES);
}

/** Puts `value` where some string or number of the text stands. */
function replaceSomeValue(random: Random, text: string, value: string): string {
  const places = [...text.matchAll(/(?<=:)("(?:[^"\\]|\\.)*"|-?\d[\d.]*)/g)];
  if (places.length === 0) return text;
  const { index, 0: old } = random.pick(places);
  return `${text.slice(0, index)}${value}${text.slice(index + old.length)}`;
}

/** Spells the same, or nearly the same, in another way. */
function misspelled(random: Random, text: string): string {
  switch (random.below(24)) {
    case 0:
      return `\ufeff${text}`;
    case 1:
      return ` \t${text.replaceAll(",", " , ")} `;
    case 2:
      return text.replaceAll("e", "\\u0065");
    case 3:
      return text.slice(0, random.below(text.length));
    case 4:
      return `[${text}]`;
    case 5:
      return `${text}${text}`;
    case 6:
      return text.replace('"', "'");
    default:
      return text;
  }
}
