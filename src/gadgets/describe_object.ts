// Reads from a gadget's object what its skeleton says, and checks that the manifest fits it.
import { Btf } from "../btf/btf.ts";
import { compileDecoder } from "../btf/decode.ts";
import { eventTypeCandidates } from "../btf/event_types.ts";
import { fieldsOf } from "../btf/fields.ts";
import { typeText } from "../btf/type_text.ts";
import { ElfFile } from "../elf/elf.ts";
import { STT } from "../elf/symbol.ts";
import { validationError } from "../errors.ts";
import { mapTypes } from "../kernel/uapi_types.ts";
import { commonFields } from "./field.ts";
import type { GadgetManifest } from "./manifest.ts";
import type {
  Gadget,
  SkeletonEvent,
  SkeletonField,
  SkeletonMap,
  SkeletonProgram,
  SkeletonTable,
} from "./skeleton.ts";

/**
 * What a gadget's object is, as its skeleton says it.
 * @throws validation/invalid_gadget naming all that the manifest promises and the object does not
 *   have; validation/invalid_elf, invalid_btf
 */
export function describeObject(
  name: string,
  manifest: GadgetManifest,
  object: Uint8Array,
): Gadget {
  const elf = ElfFile.parse(object, name);
  const section = elf.section(".BTF");
  if (section === null) throw unfit(name, ["its object has no BTF: compile with clang -g"]);
  const btf = Btf.parse(section.data());
  const described = {
    name,
    manifest,
    programs: programsOf(elf),
    maps: mapsOf(btf),
    rodata: variablesOf(elf, btf, ".rodata"),
    bss: variablesOf(elf, btf, ".bss"),
    events: eventsOf(btf),
  };
  const { output } = manifest;
  const table = output.type === "table" ? tableOf(btf, output.map) : null;
  const gadget = table === null ? described : { ...described, table };
  const problems = [...missing(gadget), ...wrongDefaults(gadget, elf, btf)];
  if (problems.length > 0) throw unfit(name, problems);
  return gadget;
}

function unfit(name: string, problems: readonly string[]): Error {
  return validationError(
    "invalid_gadget",
    [`gadget "${name}": its manifest does not fit its object:`, ...problems].join("\n  "),
    { gadget: name, problems },
  );
}

function programsOf(elf: ElfFile): SkeletonProgram[] {
  return elf.functions()
    .filter(({ section }) => section !== ".text")
    .map(({ name, section }) => ({ name, section }))
    .sort(byName);
}

function mapsOf(btf: Btf): SkeletonMap[] {
  return btf.find(".maps", "datasec")
    .flatMap((section) => btf.variables(section))
    .map(({ name, type }) => ({ name, type: mapType(btf, type) }))
    .sort(byName);
}

/** `__uint(type, N)` is a pointer to an array of N elements. */
function mapType(btf: Btf, definition: number): string {
  const member = btf.members(btf.resolve(definition)).find(({ name }) => name === "type");
  if (member === undefined) return "unknown";
  const { count } = btf.array(btf.pointee(btf.resolve(member.type)));
  return mapTypes[count] ?? `type ${count}`;
}

/** What a compiler writes, before a linker, has neither sizes nor offsets in its BTF. */
function variablesOf(elf: ElfFile, btf: Btf, section: string): SkeletonField[] {
  return btf.find(section, "datasec").flatMap((id) => {
    if (btf.sizeOf(id) > 0) return fieldsOf(btf, id);
    return btf.variables(id).map(({ name, type, size }) => {
      return { name, type: typeText(btf, type), offset: offsetOf(elf, name), size };
    });
  });
}

function offsetOf(elf: ElfFile, variable: string): number {
  for (const { name, type, value } of elf.symbols()) {
    if (name === variable && type === STT.OBJECT) return value;
  }
  return 0;
}

function eventsOf(btf: Btf): SkeletonEvent[] {
  return eventTypeCandidates(btf).map(({ name, typeId, size, minimum }) => {
    return { name, size, minimum, fields: fieldsOf(btf, typeId) };
  });
}

/** `__type(key, struct X)` is a pointer to that struct; null where one of the two is no struct. */
function tableOf(btf: Btf, map: string): SkeletonTable | null {
  const definition = btf.find(".maps", "datasec")
    .flatMap((section) => btf.variables(section))
    .find(({ name }) => name === map);
  if (definition === undefined) return null;
  const members = btf.members(btf.resolve(definition.type));
  const fieldsOfMember = (wanted: string) => {
    const member = members.find(({ name }) => name === wanted);
    if (member === undefined) return null;
    const type = btf.resolve(btf.pointee(btf.resolve(member.type)));
    return btf.kind(type) === "struct" ? fieldsOf(btf, type) : null;
  };
  const [key, value] = [fieldsOfMember("key"), fieldsOfMember("value")];
  return key === null || value === null ? null : { map, key, value };
}

function missing({ manifest, maps, events, rodata, table, programs }: Gadget): string[] {
  const problems: string[] = [];
  const want = (kind: string, name: string, among: readonly { name: string }[]) => {
    if (among.some((one) => one.name === name)) return;
    const there = among.map((one) => one.name).join(", ");
    problems.push(`no ${kind} "${name}"; there are ${there || "none"}`);
  };
  const { output } = manifest;
  want("map", output.map, maps);
  want("map", "dropped", maps);
  if (output.type === "events") {
    want("event type", output.event, events);
    const event = events.find(({ name }) => name === output.event);
    if (event !== undefined) problems.push(...wrongFields(manifest, event.fields, "event"));
  } else problems.push(...wrongTable(manifest, output, maps, table));
  for (const { variable } of manifest.parameters) want(".rodata variable", variable, rodata);
  const { attach, parameters, role } = manifest;
  if (attach?.type === "perf_event") {
    const rates = parameters.filter((one) => one.type === "integer" && one.default);
    want("integer parameter with a default", attach.frequency, rates);
  }
  if (attach?.type === "tcx") {
    want("text parameter", attach.interface, parameters.filter((one) => one.type === "text"));
    want("parameter of ingress and egress", attach.direction, parameters.filter(isDirection));
    if (role === undefined) problems.push("tcx stands in the way of packets: it wants a role");
  }
  if (attach?.type === "uprobe") {
    want("text parameter", attach.path, parameters.filter(({ type }) => type === "text"));
    const probed = attach.probes.map(({ program }) => ({ name: program }));
    for (const { name } of probed) want("program", name, programs);
    for (const { name } of programs) want("probe for program", name, probed);
  }
  return problems;
}

function isDirection(parameter: GadgetManifest["parameters"][number]): boolean {
  if (parameter.type !== "text" || parameter.default === null) return false;
  return parameter.choices?.toSorted().join() === "egress,ingress";
}

type TableOutput = Extract<GadgetManifest["output"], { type: "table" }>;

/** Types of maps that rows can be read from. */
const tableMaps = ["hash", "percpu_hash", "lru_hash", "lru_percpu_hash"];

function wrongTable(
  manifest: GadgetManifest,
  output: TableOutput,
  maps: readonly SkeletonMap[],
  table: SkeletonTable | undefined,
): string[] {
  const map = maps.find(({ name }) => name === output.map);
  if (map === undefined) return []; // said already
  if (!tableMaps.includes(map.type)) {
    return [`map "${map.name}" is a ${map.type}; a table is one of ${tableMaps.join(", ")}`];
  }
  if (table === undefined) return [`key and value of map "${map.name}" must be structs`];
  const both = table.key.filter(({ name }) => table.value.some((one) => one.name === name));
  const sorts = table.value.some(({ name }) => name === output.sort);
  return [
    ...both.map(({ name }) => `field "${name}" is in the key and in the value`),
    ...(sorts ? [] : [`no field "${output.sort}" in the value, to sort by`]),
    ...wrongFields(manifest, [...table.key, ...table.value], "row"),
  ];
}

/** Every field has a meaning, and every meaning and aggregation has a field. */
function wrongFields(
  manifest: GadgetManifest,
  fields: readonly SkeletonField[],
  of: "event" | "row",
): string[] {
  const there = fields.map(({ name }) => name);
  const known = [...Object.keys(manifest.fields), ...Object.keys(commonFields)];
  const grouped = manifest.aggregations.flatMap(({ by, compute }) => {
    return [...by, ...compute.flatMap(({ field }) => field ?? [])];
  });
  return [
    ...there.filter((name) => !known.includes(name)).map((name) => `field "${name}" has no doc`),
    ...[...Object.keys(manifest.fields), ...grouped]
      .filter((name) => !there.includes(name)).map((name) => `no field "${name}" in the ${of}`),
  ];
}

/** A default that is not null must be the value that is compiled in. */
function wrongDefaults({ manifest, rodata }: Gadget, elf: ElfFile, btf: Btf): string[] {
  const bytes = elf.section(".rodata")?.data() ?? new Uint8Array();
  const types = btf.find(".rodata", "datasec").flatMap((id) => btf.variables(id));
  const problems: string[] = [];
  for (const parameter of manifest.parameters) {
    const variable = rodata.find(({ name }) => name === parameter.variable);
    const type = types.find(({ name }) => name === parameter.variable)?.type;
    if (variable === undefined || type === undefined || parameter.default === null) continue;
    const value = compileDecoder(btf, type)(bytes, variable.offset, variable.size);
    if (value === parameter.default) continue;
    const [is, want] = [JSON.stringify(value), JSON.stringify(parameter.default)];
    problems.push(`"${variable.name}" is ${is}, parameter "${parameter.name}" says ${want}`);
  }
  return problems;
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}
