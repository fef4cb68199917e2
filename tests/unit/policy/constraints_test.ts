import assert from "node:assert/strict";
import fc from "fast-check";
import { EBPFError } from "../../../src/errors.ts";
import {
  checkConstraints,
  type KernelFunctions,
  kfuncKey,
  type ProgramImage,
  violationError,
} from "../../../src/policy/constraints.ts";
import {
  exit,
  helperCall,
  image,
  insn,
  kfuncCall,
  ldImm64,
  subprogramCall,
} from "../../support/insn_builder.ts";

const names: KernelFunctions = {
  helpers: new Map([
    [1, "bpf_map_lookup_elem"],
    [2, "bpf_map_update_elem"],
    [5, "bpf_ktime_get_ns"],
    [9, "bpf_skb_store_bytes"],
    [36, "bpf_probe_write_user"],
    [181, "bpf_loop"],
  ]),
  kfuncs: new Map([
    [4711, "bpf_task_acquire"],
    [4712, "crash_kexec"],
    [kfuncKey(90_000, 1), "bpf_ct_lookup"],
  ]),
};

function program(...parts: Uint8Array[]): ProgramImage {
  return { name: "on_open", instructions: image(...parts) };
}

function forbidden(allowed: readonly string[], ...parts: Uint8Array[]): string[] {
  const violations = checkConstraints([program(...parts)], { allowed_helpers: allowed }, names);
  return violations.map((found) => "at" in found ? `${found.kind} ${found.name} ${found.at}` : "");
}

const move = insn(0xb7);
/** Calls a subprogram that follows the exit. */
const callNext = [subprogramCall(1), exit()];

/** Each way to hide a call, as the image that libbpf makes of it. */
const hidden: readonly [name: string, image: Uint8Array[], wanted: string[]][] = [
  ["in plain sight", [helperCall(36), exit()], ["helper bpf_probe_write_user 0"]],
  ["after the exit", [exit(), helperCall(36)], ["helper bpf_probe_write_user 1"]],
  ["in a subprogram", [...callNext, helperCall(36), exit()], [
    "helper bpf_probe_write_user 2",
  ]],
  ["in a subprogram's subprogram", [
    ...callNext,
    ...callNext,
    helperCall(36),
    exit(),
  ], ["helper bpf_probe_write_user 4"]],
  ["in a callback", [
    ldImm64(2, 2n, 4),
    helperCall(181),
    exit(),
    helperCall(36),
    exit(),
  ], ["helper bpf_probe_write_user 4"]],
  ["as a kfunc", [kfuncCall(4712)], ["kfunc crash_kexec 0"]],
  ["as a kfunc in a subprogram", [...callNext, kfuncCall(4712)], ["kfunc crash_kexec 2"]],
  ["as a module's kfunc", [kfuncCall(90_000, 1)], ["kfunc bpf_ct_lookup 0"]],
  ["as a kfunc of an unknown module", [kfuncCall(4711, 3)], ["kfunc unknown#4711 0"]],
  ["as an unknown kfunc", [kfuncCall(1)], ["kfunc unknown#1 0"]],
  ["as an unknown helper", [helperCall(999)], ["helper unknown#999 0"]],
  ["as a negative helper", [helperCall(-7)], ["helper unknown#-7 0"]],
  ["behind half an ld_imm64", [insn(0x18), helperCall(36)], ["helper bpf_probe_write_user 1"]],
  ["by a register", [insn(0x8d, { imm: 1 })], ["helper unknown#1 0"]],
  ["with an unknown source", [insn(0x85, { src: 7, imm: 1 })], ["helper unknown#1 0"]],
  ["as 32-bit jump", [insn(0x86, { imm: 1 })], ["helper unknown#1 0"]],
];

const allowed = ["bpf_map_lookup_elem", "loop", "bpf_task_acquire"];

for (const [name, parts, wanted] of hidden) {
  Deno.test(`checkConstraints finds a forbidden call ${name}`, () => {
    assert.deepEqual(forbidden(allowed, ...parts), wanted);
  });
}

Deno.test("checkConstraints passes what is allowed, with and without bpf_", () => {
  assert.deepEqual(forbidden(allowed, helperCall(1), helperCall(181), kfuncCall(4711)), []);
  assert.deepEqual(forbidden(["map_lookup_elem"], helperCall(1), exit()), []);
  assert.deepEqual(forbidden(["crash_kexec", "bpf_ct_lookup"], kfuncCall(90_000, 1)), []);
});

Deno.test("checkConstraints lets no helper's name allow a kfunc, nor the other way", () => {
  const twins: KernelFunctions = {
    helpers: new Map([[1, "bpf_twin"]]),
    kfuncs: new Map([[4711, "twin"]]),
  };
  const check = (name: string) =>
    checkConstraints([program(helperCall(1), kfuncCall(4711))], { allowed_helpers: [name] }, twins)
      .map(({ kind }) => kind);
  assert.deepEqual(check("bpf_twin"), ["kfunc"]);
});

Deno.test("checkConstraints allows nothing with an empty list, and everything without one", () => {
  assert.deepEqual(forbidden([], helperCall(5), move), ["helper bpf_ktime_get_ns 0"]);
  assert.deepEqual(checkConstraints([program(helperCall(999))], {}, names), []);
});

Deno.test("checkConstraints takes libbpf's marks for no helper", () => {
  const marks = [195896080, 2001000003, 2002000001].map(helperCall);
  assert.deepEqual(forbidden([], ...marks, kfuncCall(0)), []);
});

Deno.test("checkConstraints takes data and moves for no calls", () => {
  assert.deepEqual(forbidden([], ldImm64(1, 0x85n), insn(0xb7, { imm: 0x85 }), exit()), []);
});

Deno.test("checkConstraints names a function once per program, with its first call", () => {
  const parts = [helperCall(2), move, helperCall(2), helperCall(9), helperCall(2)];
  const images = [program(...parts), { ...program(helperCall(2)), name: "other" }];
  assert.deepEqual(checkConstraints(images, { allowed_helpers: ["loop"] }, names), [
    { program: "on_open", kind: "helper", name: "bpf_map_update_elem", at: 0, calls: 3 },
    { program: "on_open", kind: "helper", name: "bpf_skb_store_bytes", at: 3, calls: 1 },
    { program: "other", kind: "helper", name: "bpf_map_update_elem", at: 0, calls: 1 },
  ]);
});

Deno.test("checkConstraints counts both halves of ld_imm64 and appended subprograms", () => {
  const big = program(ldImm64(1, 0n), ...callNext, exit());
  const check = (most: number) => checkConstraints([big], { max_instructions: most }, names);
  assert.deepEqual(check(5), []);
  assert.deepEqual(check(4), [
    { program: "on_open", kind: "max_instructions", current: 5, wanted: 4 },
  ]);
});

Deno.test("checkConstraints refuses a name that the kernel lacks, with the nearest", () => {
  const check = (name: string) => () => forbidden(["loop", name], exit());
  const refused = (near: string[]) => (error: unknown) => {
    assert.ok(error instanceof EBPFError);
    assert.deepEqual([error.category, error.code], ["validation", "invalid_arguments"]);
    assert.deepEqual(error.context.nearest, near);
    assert.equal(error.context.total, 1);
    return true;
  };
  assert.throws(check("map_lokup_elem"), refused(["bpf_map_lookup_elem"]));
  assert.throws(check("bpf_crash_kexec"), refused(["crash_kexec"]));
  assert.throws(check("zzzzz"), refused([]));
});

Deno.test("violationError names program, function and instruction of the first", () => {
  const images = [program(move, helperCall(36), helperCall(36))];
  const error = violationError(checkConstraints(images, { allowed_helpers: [] }, names));
  assert.deepEqual([error.category, error.code], ["validation", "constraint_violated"]);
  assert.equal(
    error.message,
    'Cannot load "on_open": instruction 1 calls helper bpf_probe_write_user (2 calls in all), ' +
      "wanted only those in allowed_helpers",
  );
});

Deno.test("violationError gives the current and the wanted number of instructions", () => {
  const error = violationError(checkConstraints([program(move)], { max_instructions: 0 }, names));
  assert.equal(error.message, 'Cannot load "on_open": it has 1 instructions, wanted at most 0');
});

Deno.test("violationError shows ten and says how many there are", () => {
  const calls = Array.from({ length: 25 }, (_, id) => helperCall(1000 + id));
  const error = violationError(checkConstraints([program(...calls)], {
    allowed_helpers: [],
  }, names));
  assert.ok(Array.isArray(error.context.violations));
  assert.equal(error.context.violations.length, 10);
  assert.equal(error.context.total, 25);
  assert.equal(error.context.truncated, true);
  assert.match(error.message, /\(and 24 more\)$/);
});

Deno.test("checkConstraints finds every call of any image, wherever it is", () => {
  const part = fc.constantFrom(move, helperCall(36), ldImm64(1, 0x85n), subprogramCall(0), exit());
  fc.assert(fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
    const images = [program(...parts)];
    const [violation] = checkConstraints(images, { allowed_helpers: [] }, names);
    const wanted = parts.filter((bytes) => bytes[0] === 0x85 && bytes[4] === 36).length;
    assert.equal(violation !== undefined && "calls" in violation ? violation.calls : 0, wanted);
  }));
});
