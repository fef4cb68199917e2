// What the scripts tell the person at the terminal.

const encoder = new TextEncoder();

/** One line on stdout, at once. */
export function say(line: string): void {
  writeAll(Deno.stdout, `${line}\n`);
}

/** One line on stderr, at once. */
export function warn(line: string): void {
  writeAll(Deno.stderr, `${line}\n`);
}

/** Says why on stderr and ends the script with exit code 1. */
export function fail(reason: string): never {
  warn(reason);
  Deno.exit(1);
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = encoder.encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
}
