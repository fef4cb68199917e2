// A filter by a process name that was seen. One that finds nothing, or is refused, helps nobody.

/** TASK_COMM_LEN without its NUL. */
const mostBytes = 15;
/** How text shows bytes that are none, or that a terminal would obey (src/view/text.ts). */
const altered = /\ufffd|\\(?:x[0-9a-f]{2}|u\{[0-9a-f]{4}\})/;

/** Null for a name that is shown otherwise than it is, or is empty, which stands for any. */
export function commFilter(comm: unknown): { comm: string } | null {
  if (typeof comm !== "string" || comm === "" || altered.test(comm)) return null;
  return new TextEncoder().encode(comm).length > mostBytes ? null : { comm };
}
