// BTF: in every object, and the kernel's own; a module's continues the kernel's.
import { cText } from "../../src/btf/c_text.ts";
import { Btf, type Kind, type TypeId } from "../../src/btf/btf.ts";
import { findContainers } from "../../src/btf/containers.ts";
import { eventTypeCandidates, findEventType, pickEventType } from "../../src/btf/event_types.ts";
import { fieldsOf, findField, hasField } from "../../src/btf/fields.ts";
import { layoutOf, structLayoutOf } from "../../src/btf/layout_builder.ts";
import { listMembers } from "../../src/btf/member_list.ts";
import { followPath } from "../../src/btf/path_chain.ts";
import { parsePath } from "../../src/btf/path_syntax.ts";
import { withPointees } from "../../src/btf/pointees.ts";
import { prototypeText } from "../../src/btf/prototype_text.ts";
import { TypeCatalogue } from "../../src/btf/type_catalogue.ts";
import { findTypes } from "../../src/btf/type_search.ts";
import { readTypeSection } from "../../src/btf/type_section.ts";
import { typeText } from "../../src/btf/type_text.ts";
import { everyKind, splitBtf } from "./btf_samples.ts";
import { ByteSource } from "./byte_source.ts";
import { kernelBtf, objectBtf } from "./corpus.ts";
import { changeField, joined, mutate, someWord } from "./mutate.ts";
import { attempt, expect } from "./oracle.ts";
import type { Random } from "./random.ts";
import type { Depth, Prepared, Target } from "./target.ts";

const allowed = new Set([
  "validation/invalid_btf",
  "resource/limit_exceeded",
  "validation/unknown_event_type",
  "validation/unknown_field",
  "validation/invalid_arguments",
]);
const HEADER_BYTES = 24;
/** Types that one case looks at, of all that there are. */
const MOST_TYPES = 16;
/** Types that one C text has besides what they need. */
const MOST_POINTEES = 4;
const EVENT_LENGTHS = [0, 1, 8, 28, 64, 4096, 65_535];

export const btfTarget: Target = {
  name: "btf",
  files: [
    "src/btf/btf.ts",
    "src/btf/c_declaration.ts",
    "src/btf/c_layout.ts",
    "src/btf/c_names.ts",
    "src/btf/c_text.ts",
    "src/btf/containers.ts",
    "src/btf/event_types.ts",
    "src/btf/fields.ts",
    "src/btf/invalid.ts",
    "src/btf/kind.ts",
    "src/btf/layout.ts",
    "src/btf/layout_builder.ts",
    "src/btf/member_list.ts",
    "src/btf/member_users.ts",
    "src/btf/name_index.ts",
    "src/btf/path_chain.ts",
    "src/btf/path_syntax.ts",
    "src/btf/pointees.ts",
    "src/btf/prototype_text.ts",
    "src/btf/strings.ts",
    "src/btf/type_catalogue.ts",
    "src/btf/type_names.ts",
    "src/btf/type_search.ts",
    "src/btf/type_section.ts",
    "src/btf/type_text.ts",
  ],
  cases: { short: 6_000, long: 1_000_000 },
  processes: 2,
  caseMs: 250,
  clock: "processor",
  async prepare() {
    const base = everyKind();
    const pieces = [...await objectBtf(), ...await kernelBtf(), base, base, base];
    const alone = pieces.map((piece) => ({ base: new Uint8Array(), own: piece }));
    return new BtfFuzz([...alone, ...new Array(4).fill({ base, own: splitBtf(base) })]);
  },
};

/** BTF and what it continues; an empty base is none. */
interface Pair {
  readonly base: Uint8Array<ArrayBuffer>;
  readonly own: Uint8Array<ArrayBuffer>;
}

class BtfFuzz implements Prepared {
  readonly #pairs: readonly Pair[];

  constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs;
  }

  /** `u32 length of the base, base, own`. */
  make(random: Random): Uint8Array<ArrayBuffer> {
    const { base, own } = random.pick(this.#pairs);
    const changesBase = base.length > 0 && random.once(3);
    const [first, second] = changesBase
      ? [changed(random, base, new Uint8Array()), own]
      : [base, changed(random, own, base)];
    return joined(new Uint8Array(Uint32Array.of(first.length).buffer), first, second);
  }

  run(input: Uint8Array<ArrayBuffer>): Depth {
    const source = new ByteSource(input);
    const base = source.rest(Math.min(source.u32(), input.length));
    const own = source.rest(input.length);
    const parent = base.length === 0 ? null : attempt(allowed, () => Btf.parse(base));
    const btf = attempt(allowed, () => Btf.parse(own, parent));
    if (btf !== null) {
      checkBtf(btf);
      checkCatalogue(btf, parent);
    }
    return hasSoundHeader(own) && (base.length === 0 || parent !== null) ? "past" : "refused";
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function changed(
  random: Random,
  bytes: Uint8Array<ArrayBuffer>,
  base: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (random.once(12)) {
    const copy = bytes.slice();
    changeField(random, copy.subarray(0, HEADER_BYTES), 0);
    return random.once(4) ? copy.slice(0, random.below(HEADER_BYTES + 8)) : copy;
  }
  if (random.once(10)) return mutate(random, bytes, HEADER_BYTES);
  const copy = bytes.slice();
  const parent = base.length === 0 ? null : Btf.parse(base);
  const stringsLength = parent === null ? 0 : new DataView(base.buffer).getUint32(20, true);
  const continued = parent === null ? null : { typeCount: parent.typeCount, stringsLength };
  const { starts, words, stringsLength: ownStrings } = readTypeSection(copy, continued);
  if (random.once(8)) changeStrings(random, copy, ownStrings);
  for (let round = random.between(1, 4); round > 0; round--) {
    const position = random.below(starts.length);
    const end = starts[position + 1] ?? Math.min(starts[position] + 6, words.length);
    const at = starts[position] + random.below(Math.max(end - starts[position], 3));
    const isInfo = at === starts[position] + 1;
    words[at] = isInfo ? someInfo(random, words[at]) : someTypeWord(random, words[at], starts);
  }
  return copy;
}

function changeStrings(random: Random, bytes: Uint8Array, length: number): void {
  const at = bytes.length - 1 - random.below(length);
  bytes.fill(random.pick([0, 0x1b, 0x41, 0x7f, 0x80, 0xc2, 0xff]), at, at + random.below(8));
}

/** Kind, flag and count of a type; mostly the kind alone is kept or alone is changed. */
function someInfo(random: Random, info: number): number {
  switch (random.below(4)) {
    case 0:
      return info & 0x80ff_ffff | random.below(22) << 24;
    case 1:
      return info & 0xffff_0000 | (info & 0xffff) + random.between(-2, 2) & 0xffff;
    case 2:
      return info ^ 0x8000_0000;
    default:
      return someWord(random, info);
  }
}

/** A type, mostly one that there is; a size; an offset. */
function someTypeWord(random: Random, word: number, starts: Uint32Array): number {
  switch (random.below(3)) {
    case 0:
      return random.below(starts.length + 2);
    case 1:
      return random.below(80);
    default:
      return someWord(random, word);
  }
}

/** Magic, version and lengths are as they must be, whatever follows. */
function hasSoundHeader(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(0, true) % 0x100_0000 !== 0x1eb9f) return false;
  const [header, typesAt, types, stringsAt, strings] = [4, 8, 12, 16, 20].map((at) => {
    return view.getUint32(at, true);
  });
  const isHeld = header + typesAt + types <= bytes.length &&
    header + stringsAt + strings <= bytes.length;
  return header >= HEADER_BYTES && typesAt % 4 === 0 && types % 4 === 0 && isHeld;
}

/** Asks everything that can be asked of the types, or of a part of many. */
function checkBtf(btf: Btf): void {
  const step = Math.max(1, Math.floor(btf.typeCount / MOST_TYPES));
  for (let id = 0; id < btf.typeCount; id += step) checkType(btf, id);
  attempt(allowed, () => btf.kind(btf.typeCount));
  const candidates = attempt(allowed, () => eventTypeCandidates(btf)) ?? [];
  expect(candidates.length <= 64, () => `${candidates.length} event types`);
  for (const padding of [0, 7] as const) {
    for (const length of EVENT_LENGTHS) {
      const picked = pickEventType(candidates, length, { padding });
      expect(picked === null || candidates.includes(picked), () => "picked another");
    }
  }
  for (const name of ["struct event", "count_event", "__proto__"]) {
    attempt(allowed, () => findEventType(btf, name));
  }
}

const paths = ["event.next[1].pid", "event->state", "flags.d", "module_event.inner.comm[3]"];

/** Asks what get_btf_types asks: names, containers, paths, C text. */
function checkCatalogue(btf: Btf, parent: Btf | null): void {
  const base = parent === null ? null : new TypeCatalogue(parent, null);
  const catalogue = new TypeCatalogue(btf, base);
  const found = attempt(allowed, () => findTypes(catalogue, "e", []));
  const step = Math.max(1, Math.floor(btf.typeCount / MOST_TYPES));
  for (let id = 1; id < btf.typeCount; id += step) {
    attempt(allowed, () => catalogue.nameOf(id));
    attempt(allowed, () => listMembers(btf, id, 2));
    attempt(allowed, () => prototypeText(btf, id));
    attempt(allowed, () => findContainers(catalogue, id, "pointer"));
    const types = attempt(allowed, () => withPointees(btf, [id], 1, MOST_POINTEES)) ?? [id];
    const text = attempt(allowed, () => cText(btf, types)) ?? "";
    expect(
      text === "" || text.endsWith(";\n"),
      () => `type ${id} as C ends in "${text.slice(-9)}"`,
    );
  }
  for (const id of found?.ids ?? []) {
    const name = attempt(allowed, () => btf.name(id)) ?? "e";
    expect(name.includes("e"), () => `"e" found "${name}"`);
  }
  for (const path of paths) {
    const { name, steps } = parsePath(path);
    const [root] = btf.find(name, "struct", "union");
    if (root !== undefined) attempt(allowed, () => followPath(btf, root, steps, path));
  }
}

function checkType(btf: Btf, id: TypeId): void {
  const kind = btf.kind(id);
  const name = attempt(allowed, () => btf.name(id)) ?? "";
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  expect(!/[\x00-\x1f\x7f-\x9f]/.test(name), () => `type ${id} has an unsafe name`);
  if (id > 0 && /^\w+$/.test(name)) {
    const found = attempt(allowed, () => btf.find(name, kind));
    expect(found?.includes(id) ?? false, () => `type ${id} "${name}" is not found by its name`);
  }
  const misfit = misfits[(btf.typeCount + id) % misfits.length];
  for (const ask of [...forAll, ...questions[kind] ?? [], misfit]) {
    attempt(allowed, () => ask(btf, id));
  }
  const resolved = attempt(allowed, () => btf.resolve(id));
  if (resolved === null) return;
  const layout = attempt(allowed, () => layoutOf(btf, resolved));
  const size = attempt(allowed, () => btf.sizeOf(resolved));
  if (layout === null || size === null || layout.kind === "bits") return;
  expect(layout.size === size, () => `type ${id} is laid out in ${layout.size} of ${size} bytes`);
  const isWhole = layout.need <= layout.size && layout.values <= 1 << 20;
  expect(isWhole, () => `type ${id} needs ${layout.need} of ${size} bytes`);
}

type Question = (btf: Btf, id: TypeId) => unknown;

/** Each may refuse; none may fail otherwise. */
const composite: readonly Question[] = [
  (btf, id) => btf.members(id),
  (btf, id) => fieldsOf(btf, id),
  (btf, id) => hasField(btf, id, "pid"),
  (btf, id) => findField(structLayoutOf(btf, id), "addr.port"),
];
const reference: readonly Question[] = [(btf, id) => btf.pointee(id)];
const enumeration: readonly Question[] = [
  (btf, id) => btf.enumerators(id),
  (btf, id) => btf.isSigned(id),
];
const linked: readonly Question[] = [...reference, (btf, id) => btf.linkage(id)];

/** What fits a kind. */
const questions: Partial<Record<Kind, readonly Question[]>> = {
  ptr: reference,
  typedef: reference,
  volatile: reference,
  const: reference,
  restrict: reference,
  type_tag: reference,
  decl_tag: reference,
  var: linked,
  func: linked,
  func_proto: [...reference, (btf, id) => btf.parameters(id)],
  int: [(btf, id) => btf.int(id)],
  array: [(btf, id) => btf.array(id)],
  enum: enumeration,
  enum64: enumeration,
  struct: composite,
  union: composite,
  datasec: [(btf, id) => btf.variables(id), ...composite],
  fwd: [(btf, id) => btf.forward(id)],
};

const forAll: readonly Question[] = [
  (btf, id) => btf.declTags(id),
  (btf, id) => typeText(btf, id),
];

/** One of each kind, for types that it does not fit. */
const misfits: readonly Question[] = Object.values(questions).flatMap((list) => list ?? []);
