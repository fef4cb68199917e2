// A C type out of an input's bytes, in the form that the property tests build.
import type { MemberPlan, RecordPlan, TypePlan } from "../unit/btf/random_type.ts";
import type { ByteSource } from "./byte_source.ts";

const NAMES = [
  "pid",
  "comm",
  "addr",
  "__proto__",
  'quo"te',
  "constructor",
  "toString",
  "new\nline",
  "ü",
  "",
];
const DEEPEST = 4;

/** A struct of a few members, the last of them flexible once in a while. */
export function readRecordPlan(source: ByteSource): RecordPlan {
  const members = readMembers(source, 0, 1 + source.below(5));
  return { members, flexible: source.once(4) ? readType(source, 1) : null };
}

function readMembers(source: ByteSource, depth: number, count: number): MemberPlan[] {
  return Array.from({ length: count }, () => {
    const name = source.pick(NAMES);
    const pad = source.once(3) ? source.below(4) : 0;
    return { name, pad, type: readType(source, depth + 1) };
  });
}

/** Behind the input's end every type is an int. */
function readType(source: ByteSource, depth: number): TypePlan {
  const choice = source.below(depth < DEEPEST ? 12 : 9);
  switch (choice) {
    case 0:
    case 1:
    case 2:
      return { kind: "int", size: source.pick([4, 1, 2, 8, 16] as const), signed: source.once(2) };
    case 3:
      return { kind: source.pick(["bool", "pointer"] as const) };
    case 4:
      return { kind: source.pick(["enum", "enum64"] as const) };
    case 5:
      return { kind: "float", size: source.pick([4, 2, 8, 16] as const) };
    case 6:
      return { kind: "text", count: source.below(13), argv: source.once(3) };
    case 7:
    case 8: {
      const width = 1 + source.below(57);
      return { kind: "bits", width, shift: source.below(8), signed: source.once(2) };
    }
    case 9:
      return { kind: "array", element: readType(source, depth + 1), count: source.below(4) };
    default: {
      const kind = choice === 10 ? "struct" as const : "union" as const;
      return { kind, members: readMembers(source, depth, source.below(4)) };
    }
  }
}
