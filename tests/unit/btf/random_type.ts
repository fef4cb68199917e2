// Arbitrary C types for property tests: a description that fast-check can shrink, and its BTF.
import fc from "fast-check";
import { Btf } from "../../../src/btf/btf.ts";
import { BtfBuilder, type BuiltMember } from "../../support/btf_builder.ts";

export type TypePlan =
  | { kind: "int"; size: 1 | 2 | 4 | 8 | 16; signed: boolean }
  | { kind: "bool" | "pointer" | "enum" | "enum64" }
  | { kind: "float"; size: 2 | 4 | 8 | 16 }
  | { kind: "text"; count: number; argv: boolean }
  | { kind: "array"; element: TypePlan; count: number }
  | { kind: "bits"; width: number; shift: number; signed: boolean }
  | { kind: "struct" | "union"; members: MemberPlan[] };

export interface MemberPlan {
  name: string;
  pad: number;
  type: TypePlan;
}

/** A struct whose last member may be a flexible array. */
export interface RecordPlan {
  members: MemberPlan[];
  flexible: TypePlan | null;
}

const names = [
  "pid",
  "comm",
  "__proto__",
  'quo"te',
  "constructor",
  "toString",
  "new\nline",
  "ü",
  "",
];

const leaf: fc.Arbitrary<TypePlan> = fc.oneof(
  fc.record({
    kind: fc.constant("int" as const),
    size: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const, 16 as const),
    signed: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom("bool" as const, "pointer" as const) }),
  fc.record({ kind: fc.constantFrom("enum" as const, "enum64" as const) }),
  fc.record({
    kind: fc.constant("float" as const),
    size: fc.constantFrom(2 as const, 4 as const, 8 as const, 16 as const),
  }),
  fc.record({ kind: fc.constant("text" as const), count: fc.nat(12), argv: fc.boolean() }),
  fc.record({
    kind: fc.constant("bits" as const),
    width: fc.integer({ min: 1, max: 57 }),
    shift: fc.nat(7),
    signed: fc.boolean(),
  }),
);

const { type } = fc.letrec<{ type: TypePlan; member: MemberPlan }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.record({ kind: fc.constant("array" as const), element: tie("type"), count: fc.nat(3) }),
    fc.record({
      kind: fc.constantFrom("struct" as const, "union" as const),
      members: fc.array(tie("member"), { maxLength: 4 }),
    }),
  ),
  member: fc.record({ name: fc.constantFrom(...names), pad: fc.nat(3), type: tie("type") }),
}));

export const randomRecord: fc.Arbitrary<RecordPlan> = fc.record({
  members: fc.array(
    fc.record({ name: fc.constantFrom(...names), pad: fc.nat(3), type }),
    { minLength: 1, maxLength: 6 },
  ),
  flexible: fc.option(type, { nil: null, freq: 3 }),
});

export function buildRecord(plan: RecordPlan): { btf: Btf; type: number; size: number } {
  const builder = new BtfBuilder();
  const { id, size } = addRecord(builder, plan);
  return { btf: Btf.parse(builder.bytes()), type: id, size };
}

/** Adds the record's types to a BTF that may hold others. */
export function addRecord(builder: BtfBuilder, plan: RecordPlan): Built {
  const members = plan.members.slice();
  if (plan.flexible !== null) {
    members.push({
      name: "rest",
      pad: 0,
      type: { kind: "array", element: plan.flexible, count: 0 },
    });
  }
  return build(builder, { kind: "struct", members });
}

export interface Built {
  id: number;
  size: number;
}

function build(builder: BtfBuilder, plan: TypePlan): Built {
  switch (plan.kind) {
    case "int":
      return { id: builder.int("number", plan.size, { signed: plan.signed }), size: plan.size };
    case "bool":
      return { id: builder.int("_Bool", 1, { bool: true }), size: 1 };
    case "pointer":
      return { id: builder.ptr(0), size: 8 };
    case "enum":
      return { id: builder.enumeration("state", 1, { IDLE: 0, BUSY: 1, LOST: -1 }), size: 1 };
    case "enum64":
      return { id: builder.enum64("mask", { NONE: 0n, ALL: 0xffff_ffff_ffff_ffffn }), size: 8 };
    case "float":
      return { id: builder.float("real", plan.size), size: plan.size };
    case "bits": // outside a struct it is an ordinary int
      return { id: builder.int("bits", 8, { signed: plan.signed }), size: 8 };
    case "text": {
      const char = builder.int("char", 1, { signed: true });
      return { id: builder.array(char, plan.count), size: plan.count };
    }
    case "array": {
      const { id, size } = build(builder, plan.element);
      return { id: builder.array(id, plan.count), size: size * plan.count };
    }
    case "struct":
    case "union":
      return buildComposite(builder, plan.kind, plan.members);
  }
}

function buildComposite(
  builder: BtfBuilder,
  kind: "struct" | "union",
  plans: readonly MemberPlan[],
): Built {
  const members: BuiltMember[] = [];
  let [end, size] = [0, 0];
  for (const { name, pad, type } of plans) {
    const start = kind === "union" ? 0 : end + pad;
    const { id, size: bytes } = build(builder, type);
    members.push(
      type.kind === "bits"
        ? { name, type: id, bitOffset: start * 8 + type.shift, bitSize: type.width }
        : { name, type: id, offset: start },
    );
    end = start + bytes;
    size = Math.max(size, end);
  }
  const id = builder[kind]("", size, members);
  plans.forEach(({ type }, index) => {
    if (type.kind === "text" && type.argv) builder.declTag("argv", id, index);
  });
  return { id, size };
}
