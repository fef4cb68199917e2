// load_program's answer, held against what bpftool shows of the same ids.
import { mapTypes } from "../../src/kernel/uapi_types.ts";
import { type JsonNode, nodesOf, textOf } from "../ffi/json_node.ts";

/** The names of one number or text in our answer and in bpftool's. */
type Fields = Readonly<Record<string, string>>;

const programFields: Fields = { type: "type", tag: "tag" };
const mapFields: Fields = {
  type: "type",
  name: "name",
  key_bytes: "bytes_key",
  value_bytes: "bytes_value",
  max_entries: "max_entries",
  flags: "flags",
};

/** What the answer says otherwise, or leaves out though it says that it is whole. */
export function misreported(answer: JsonNode, shown: readonly JsonNode[]): string[] {
  const programs = shown.filter(({ tag }) => tag !== undefined);
  const maps = shown.filter(({ max_entries }) => max_entries !== undefined);
  const [told, toldMaps] = [nodesOf(answer, "programs"), nodesOf(answer, "maps")];
  return [
    ...told.flatMap((one) => {
      const peer = programs.find(({ id }) => id === one.program_id);
      return [...unequal(one, peer, programFields), ...misnamed(one, peer)];
    }),
    ...toldMaps.flatMap((one) => {
      return unequal(one, maps.find(({ id }) => id === one.map_id), mapFields);
    }),
    ...miscounted("programs", answer, told.length, programs.length),
    ...miscounted("maps", answer, toldMaps.length, maps.length),
  ];
}

function unequal(told: JsonNode, shown: JsonNode | undefined, fields: Fields): string[] {
  if (shown === undefined) return [`answer names what is not held: ${JSON.stringify(told)}`];
  return Object.entries(fields).filter(([ours, theirs]) => !same(told[ours], shown[theirs])).map(
    ([ours, theirs]) => `answer says ${ours} ${told[ours]}, bpftool ${shown[theirs]}`,
  );
}

/** bpftool gives the number of a map type that is newer than itself. */
function same(ours: unknown, theirs: unknown): boolean {
  if (ours === theirs) return true;
  return typeof theirs === "number" && typeof ours === "string" &&
    mapTypes.findIndex((name) => name === ours) === theirs;
}

/** The kernel keeps 15 characters of a program's name, the answer has all. */
function misnamed(told: JsonNode, shown: JsonNode | undefined): string[] {
  const name = textOf(told, "name") ?? "";
  const kept = shown === undefined ? "" : textOf(shown, "name") ?? "";
  return name.startsWith(kept) ? [] : [`answer says name ${name}, bpftool ${kept}`];
}

function miscounted(
  kind: "programs" | "maps",
  answer: JsonNode,
  listed: number,
  held: number,
): string[] {
  const total = answer[`${kind}_total`];
  const whole = answer.truncated === true || listed === held;
  if (total === held && whole) return [];
  return [`answer lists ${listed} of ${total} ${kind}, held are ${held}`];
}
