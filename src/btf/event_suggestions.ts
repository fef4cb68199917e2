// Structs that records might be, for somebody to choose from where the BTF does not say.
import type { Btf } from "./btf.ts";
import type { LengthReport } from "./event_types.ts";
import type { TypeId } from "./kind.ts";

/** A struct that can be asked for by name. */
export interface NamedStruct {
  readonly name: string;
  readonly size: number;
}

const MOST = 16;

/**
 * The structs that are values of maps, where records are often put together, and those that have
 * the size of a record whose length is in `lengths`.
 */
export function suggestEventTypes(
  btf: Btf,
  lengths: ReadonlySet<number>,
  { padding }: LengthReport,
): NamedStruct[] {
  const found = new Map<string, number>();
  const add = (id: TypeId) => {
    const name = btf.name(id);
    if (name !== "" && found.size < MOST) found.set(name, btf.sizeOf(id));
  };
  for (const id of mapValues(btf)) add(id);
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    if (btf.kind(id) === "struct" && hasLength(btf.sizeOf(id), lengths, padding)) add(id);
  }
  return [...found].map(([name, size]) => ({ name, size }));
}

function hasLength(size: number, lengths: ReadonlySet<number>, padding: number): boolean {
  for (let length = size; length <= size + padding; length++) if (lengths.has(length)) return true;
  return false;
}

/** `__type(value, struct event)` is a member `value` that points to it. */
function* mapValues(btf: Btf): Generator<TypeId> {
  for (const section of btf.find(".maps", "datasec")) {
    for (const variable of btf.variables(section)) {
      const map = btf.resolve(variable.type);
      if (btf.kind(map) !== "struct") continue;
      const value = btf.members(map).find(({ name }) => name === "value");
      if (value === undefined || btf.kind(btf.resolve(value.type)) !== "ptr") continue;
      const target = btf.resolve(btf.pointee(btf.resolve(value.type)));
      if (btf.kind(target) === "struct") yield target;
    }
  }
}
