// JSON that a person gives: as an argument, as a file, or on stdin behind "-".
import { type Program, type Terminal, UsageError } from "./command.ts";

const mostInputBytes = 12 * 1024 * 1024;

/** All of stdin as text. */
export async function readStdin(terminal: Terminal): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const buffer = new Uint8Array(64 * 1024);
    const count = await terminal.stdin.read(buffer);
    if (count === null) break;
    size += count;
    if (size > mostInputBytes) throw new UsageError(`stdin has over ${mostInputBytes} bytes`);
    parts.push(buffer.subarray(0, count));
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return toText(whole, "stdin");
}

/** A named file as text, or stdin for "-". */
export async function readNamed(path: string, program: Program): Promise<string> {
  if (path === "-") return await readStdin(program.terminal);
  const absolute = path.startsWith("/") ? path : `${program.terminal.workingDirectory()}/${path}`;
  return toText(await program.readFile(absolute), path);
}

function toText(bytes: Uint8Array, origin: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${origin} is not UTF-8`);
  }
}

/**
 * The value of JSON text.
 * @throws UsageError saying where it stops being JSON
 */
export function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown reason";
    throw new UsageError(`${origin} is not JSON: ${reason}`);
  }
}
