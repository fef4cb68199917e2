// Initial values of an object's global variables, by name, checked against its BTF.
import type { Btf } from "../btf/btf.ts";
import { encodeValue } from "../btf/encode.ts";
import { EBPFError, validationError } from "../errors.ts";
import { nearestFirst } from "../view/nearest.ts";
import type { BpfObject } from "./object.ts";

interface Global {
  section: string;
  type: number;
  /** Bytes from the start of the section. */
  offset: number;
  /** Bytes. */
  size: number;
}

const MOST_NAMES = 50;

/**
 * Sets .rodata, .data and .bss variables before the load.
 * @throws unknown_global naming those that exist, value_out_of_range
 */
export function setGlobals(object: BpfObject, values: Readonly<Record<string, unknown>>): void {
  if (Object.keys(values).length === 0) return;
  const btf = object.btf;
  if (btf === null) {
    throw validationError("unknown_global", `Object "${object.name}" has no BTF to name globals`, {
      hint: "compile with clang -g",
    });
  }
  const globals = globalsOf(btf);
  for (const [name, value] of Object.entries(values)) {
    const global = globals.get(name);
    if (global === undefined) throw unknownGlobal(object, name, [...globals.keys()]);
    setGlobal(object, btf, name, global, value);
  }
}

function setGlobal(
  object: BpfObject,
  btf: Btf,
  name: string,
  global: Global,
  value: unknown,
): void {
  const map = object.maps.find((map) => map.name.endsWith(global.section));
  const section = map?.initialValue() ?? null;
  const bytes = encodeValue(btf, global.type, value, name);
  if (section === null || global.offset + bytes.length > section.length) {
    throw new EBPFError("validation", "unknown_global", `Section ${global.section} has no map`, {
      name,
      section: global.section,
    });
  }
  section.set(bytes, global.offset);
}

/** Variables in data sections, by name. */
function globalsOf(btf: Btf): Map<string, Global> {
  const globals = new Map<string, Global>();
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    if (btf.kind(id) !== "datasec") continue;
    const section = btf.name(id);
    if (!/^\.(rodata|data|bss)/.test(section)) continue;
    for (const { name, type, offset, size } of btf.variables(id)) {
      globals.set(name, { section, type, offset, size });
    }
  }
  return globals;
}

function unknownGlobal(object: BpfObject, name: string, known: string[]): EBPFError {
  const context = {
    name,
    globals: nearestFirst(name, known, MOST_NAMES),
    total: known.length,
    hint: "use a name of context.globals",
  };
  const message = `Cannot set "${name}": object "${object.name}" has no such global`;
  return validationError("unknown_global", message, context);
}
