// Where a graph begins: "program:12", "pid:99", "interface:eth0".
import { validationError } from "../../../errors.ts";

const objects = ["program", "map", "link"] as const;
const numbered = [...objects, "process"] as const;
const named = ["container", "interface", "cgroup"] as const;

export type Root =
  | { readonly kind: typeof objects[number]; readonly id: number }
  | { readonly kind: "process"; readonly id: number }
  | { readonly kind: typeof named[number]; readonly name: string };

/** Other words for a kind. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["pid", "process"],
  ["prog", "program"],
  ["unit", "container"],
]);

const LARGEST_ID = 0xffff_ffff;

/** @throws validation/invalid_arguments naming the forms that are taken */
export function parseRoot(text: string): Root {
  const colon = text.indexOf(":");
  const word = text.slice(0, Math.max(colon, 0));
  const rest = text.slice(colon + 1);
  const kind = aliases.get(word) ?? word;
  const counted = numbered.find((known) => known === kind);
  if (counted !== undefined) {
    const id = /^[1-9]\d{0,9}$/.test(rest) ? Number(rest) : LARGEST_ID + 1;
    if (id <= LARGEST_ID) return { kind: counted, id };
    throw refused(text, `${kind} wants a number from 1 to ${LARGEST_ID}`);
  }
  const called = named.find((known) => known === kind);
  if (called === undefined) throw refused(text, "it begins with no kind of thing");
  if (rest === "") throw refused(text, `${kind} wants a name`);
  return { kind: called, name: rest };
}

function refused(text: string, reason: string): Error {
  return validationError("invalid_arguments", `Cannot draw a graph from "${text}": ${reason}`, {
    arguments: ["graph"],
    accepted: [
      "program:ID",
      "map:ID",
      "link:ID",
      "pid:PID",
      "container:ID",
      "unit:NAME",
      "interface:NAME",
      "interface:NETNS/NAME",
      "cgroup:PATH",
    ],
  });
}
