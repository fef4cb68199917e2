// Reads from a gadget's object what its skeleton says, and checks that the manifest fits it.
import { Btf } from "../../src/btf/btf.ts";
import { compileDecoder } from "../../src/btf/decode.ts";
import { eventTypeCandidates } from "../../src/btf/event_types.ts";
import { fieldsOf } from "../../src/btf/fields.ts";
import { ElfFile } from "../../src/elf/elf.ts";
import { commonFields } from "../../src/gadgets/field.ts";
import type { GadgetManifest } from "../../src/gadgets/manifest.ts";
import type {
  Gadget,
  SkeletonEvent,
  SkeletonField,
  SkeletonMap,
  SkeletonProgram,
} from "../../src/gadgets/skeleton.ts";
import { mapTypes } from "../../src/kernel/uapi_types.ts";
import { ScriptError } from "../script_error.ts";

/** @throws {ScriptError} naming what the manifest promises and the object does not have */
export function describeObject(
  name: string,
  manifest: GadgetManifest,
  object: Uint8Array,
): Gadget {
  const elf = ElfFile.parse(object, name);
  const section = elf.section(".BTF");
  if (section === null) throw new ScriptError(`gadget "${name}": its object has no BTF`);
  const btf = Btf.parse(section.data());
  const gadget = {
    name,
    manifest,
    programs: programsOf(elf),
    maps: mapsOf(btf),
    rodata: variablesOf(btf, ".rodata"),
    bss: variablesOf(btf, ".bss"),
    events: eventsOf(btf),
  };
  const problems = [...missing(gadget), ...wrongDefaults(gadget, elf, btf)];
  if (problems.length === 0) return gadget;
  throw new ScriptError(
    [`gadget "${name}": its manifest does not fit its object:`, ...problems].join("\n  "),
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
    .map(({ name, type }) => ({ name, type: mapType(btf, type, name) }))
    .sort(byName);
}

/** `__uint(type, N)` is a pointer to an array of N elements. */
function mapType(btf: Btf, definition: number, map: string): string {
  const member = btf.members(btf.resolve(definition)).find(({ name }) => name === "type");
  if (member === undefined) throw new ScriptError(`map "${map}" says no type`);
  const { count } = btf.array(btf.pointee(btf.resolve(member.type)));
  const type: string | undefined = mapTypes[count];
  if (type === undefined) throw new ScriptError(`map "${map}" has the unknown type ${count}`);
  return type;
}

function variablesOf(btf: Btf, section: string): SkeletonField[] {
  return btf.find(section, "datasec").flatMap((id) => fieldsOf(btf, id));
}

function eventsOf(btf: Btf): SkeletonEvent[] {
  return eventTypeCandidates(btf).map(({ name, typeId, size, minimum }) => {
    return { name, size, minimum, fields: fieldsOf(btf, typeId) };
  });
}

function missing({ manifest, maps, events, rodata }: Gadget): string[] {
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
    problems.push(...wrongFields(manifest, events.find(({ name }) => name === output.event)));
  }
  for (const { variable } of manifest.parameters) want(".rodata variable", variable, rodata);
  return problems;
}

/** Every field of the event has a meaning, and every meaning and aggregation has a field. */
function wrongFields(manifest: GadgetManifest, event: SkeletonEvent | undefined): string[] {
  if (event === undefined) return [];
  const there = event.fields.map(({ name }) => name);
  const known = [...Object.keys(manifest.fields), ...Object.keys(commonFields)];
  const grouped = manifest.aggregations.flatMap(({ by, compute }) => {
    return [...by, ...compute.flatMap(({ field }) => field ?? [])];
  });
  return [
    ...there.filter((name) => !known.includes(name)).map((name) => `field "${name}" has no doc`),
    ...[...Object.keys(manifest.fields), ...grouped]
      .filter((name) => !there.includes(name)).map((name) => `no field "${name}" in the event`),
  ];
}

/** A default that is not null must be the value that is compiled in. */
function wrongDefaults({ manifest }: Gadget, elf: ElfFile, btf: Btf): string[] {
  const bytes = elf.section(".rodata")?.data() ?? new Uint8Array();
  const variables = btf.find(".rodata", "datasec").flatMap((id) => btf.variables(id));
  const problems: string[] = [];
  for (const parameter of manifest.parameters) {
    const variable = variables.find(({ name }) => name === parameter.variable);
    if (variable === undefined || parameter.default === null) continue;
    const value = compileDecoder(btf, variable.type)(bytes, variable.offset, variable.size);
    if (value === parameter.default) continue;
    const [is, want] = [JSON.stringify(value), JSON.stringify(parameter.default)];
    problems.push(`"${variable.name}" is ${is}, parameter "${parameter.name}" says ${want}`);
  }
  return problems;
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}
