// A JSON value cut to a size: what fits of it, from its beginning.
import { jsonBytes } from "./page.ts";

/** A text, list or object longer than this is cut to its first part; the rest is left out. */
export function cutValue(value: unknown, bytes: number): { value: unknown; cut: boolean } {
  if (jsonBytes(value) <= bytes) return { value, cut: false };
  if (typeof value === "string") return { value: cutText(value, bytes), cut: true };
  if (Array.isArray(value)) return { value: cutList(value, bytes), cut: true };
  if (typeof value === "object" && value !== null) {
    return { value: Object.fromEntries(cutMembers(Object.entries(value), bytes)), cut: true };
  }
  return { value, cut: false }; // a number is never long
}

/** A character takes at most six bytes of JSON: taking off a sixth of the excess is never much. */
function cutText(text: string, bytes: number): string {
  let length = Math.min(text.length, bytes);
  for (;;) {
    const excess = jsonBytes(text.slice(0, length).toWellFormed()) - bytes;
    if (excess <= 0 || length === 0) return text.slice(0, length).toWellFormed();
    length = Math.max(0, length - Math.ceil(excess / 6));
  }
}

function cutList(list: readonly unknown[], bytes: number): unknown[] {
  let room = bytes - 2;
  const taken: unknown[] = [];
  for (const item of list) {
    const { value, cut } = cutValue(item, room);
    room -= jsonBytes(value);
    if (room < 0) break;
    taken.push(value);
    if (cut) break;
  }
  return taken;
}

/** Every member that fits, in order; a long one is cut so that those behind it are not lost. */
function cutMembers(members: readonly [string, unknown][], bytes: number): [string, unknown][] {
  let room = bytes - 2;
  const taken: [string, unknown][] = [];
  members.forEach(([name, member], index) => {
    const share = Math.floor(room / (members.length - index));
    const { value } = cutValue(member, Math.max(share - jsonBytes(name), 0));
    const size = jsonBytes(name) + jsonBytes(value);
    if (size > room) return;
    room -= size;
    taken.push([name, value]);
  });
  return taken;
}
