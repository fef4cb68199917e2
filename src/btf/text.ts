// Bytes that a kernel or a stranger wrote, as text that is safe to show.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// C0, DEL and C1 controls, and the characters that change the direction of text.
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const unsafe = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** One `char` of text as JSON: a control byte becomes `\\xNN`, five bytes. */
export const MAX_JSON_BYTES_PER_CHAR = 5;

/** Makes control and bidi characters visible: `\x1b`, `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
    return `\\u{${code.toString(16).padStart(4, "0")}}`;
  });
}

/** Where the NUL is in `bytes[start, end)`; `end` when there is none. */
export function endOfText(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 0) at++;
  return at;
}

/** The text in `bytes[start, end)` up to its first NUL; invalid UTF-8 becomes U+FFFD. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  let plain = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === 0) return plain;
    if (byte < 0x20 || byte > 0x7e) {
      return visible(decoder.decode(bytes.slice(start, endOfText(bytes, at, end))));
    }
    plain += String.fromCharCode(byte);
  }
  return plain;
}

/**
 * The NUL-separated texts in `bytes[start, end)`. In an array that is filled up with zeros
 * (`padded`) the zeros after the last text are no texts; in bytes that end where the texts end
 * every NUL closes one, so an empty last argument is kept.
 */
export function readTexts(
  bytes: Uint8Array,
  start: number,
  end: number,
  fill: "padded" | "exact",
): string[] {
  let stop = end;
  if (fill === "padded") {
    while (stop > start && bytes[stop - 1] === 0) stop--;
  }
  const texts: string[] = [];
  for (let at = start; at < stop;) {
    const close = endOfText(bytes, at, stop);
    texts.push(readText(bytes, at, close));
    at = close + 1;
  }
  return texts;
}
