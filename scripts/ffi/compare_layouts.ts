// Struct layouts against what clang and the kernel's BTF say: a pure comparison.
import type { FieldLayout, StructLayout } from "../../ffi/struct.ts";
import type { Problem } from "./problem.ts";

/** A C struct as some source knows it. Offsets and sizes in bytes. */
export interface StructFacts {
  size: number;
  alignment: number;
  /** Ends (offset plus size) of the top-level members. */
  memberEnds: readonly number[];
  /** A member by its designator (`xdp.ifindex`); undefined when this source lacks it. */
  member(designator: string): FieldLayout | undefined;
}

/** One source of truth: the installed headers, or the running kernel's BTF. */
export interface StructSource {
  /** As it is named in messages. */
  name: string;
  /** The struct; undefined when this source lacks it, or does not speak for that header. */
  find(layout: StructLayout): StructFacts | undefined;
  /** Headers that bring the struct; undefined where the source does not know headers. */
  headersOf(struct: string): ReadonlySet<string> | undefined;
}

interface KnownStruct {
  source: string;
  facts: StructFacts;
}

/** What C calls it: `struct bpf_prog_info`. */
export function typeName({ keyword = "struct", name }: StructLayout): string {
  return `${keyword} ${name}`;
}

/**
 * Every disagreement. Each source that knows the struct or the member must agree; at least one must
 * know it: the kernel's BTF knows members that older headers lack, and the other way round.
 */
export function compareLayout(layout: StructLayout, sources: readonly StructSource[]): Problem[] {
  const problems: Problem[] = [];
  const report = (subject: string, message: string) =>
    problems.push({ subject, header: layout.header, message });
  const struct = typeName(layout);
  const known = sources.flatMap((source) => {
    const facts = source.find(layout);
    return facts === undefined ? [] : [{ source: source.name, facts }];
  });
  if (known.length === 0) report(struct, "neither the headers nor the kernel know it");
  for (const source of sources) {
    const headers = source.headersOf(layout.name);
    if (headers !== undefined && !headers.has(layout.header)) {
      report(struct, `${layout.header} does not define it, wanted ${[...headers].join(" or ")}`);
    }
  }
  const size = sizeProblem(layout, known);
  if (size !== null) report(struct, size);
  for (const [designator, current] of Object.entries(layout.fields)) {
    const subject = `${struct}.${designator}`;
    const wanted = known.flatMap(({ source, facts }) => {
      const field = facts.member(designator);
      return field === undefined ? [] : [{ source, field }];
    });
    if (wanted.length === 0 && known.length > 0) {
      report(subject, `no such member in ${known.map(({ source }) => source).join(" or ")}`);
    }
    for (const { source, field } of wanted) {
      for (const message of fieldProblems(current, field, source)) report(subject, message);
    }
    if (current[0] + current[1] > layout.size) {
      report(subject, `ends at ${current[0] + current[1]}, beyond the struct's ${layout.size}`);
    }
  }
  return problems;
}

/**
 * Structs of the kernel and of libbpf grow at their end and are passed with their size; every older
 * size is accepted. So the source that knows the largest one is asked whether ours is such a size.
 */
function sizeProblem(layout: StructLayout, known: readonly KnownStruct[]): string | null {
  const [first, ...others] = known;
  if (first === undefined) return null;
  const { source, facts } = others.reduce((a, b) => b.facts.size > a.facts.size ? b : a, first);
  if (layout.size === facts.size) return null;
  if (!/^(linux|bpf)\//.test(layout.header)) {
    return `size is ${layout.size}, wanted ${facts.size} (${source})`;
  }
  const boundaries = facts.memberEnds.map((end) => roundUp(end, facts.alignment));
  const wanted = [...new Set([...boundaries, facts.size])].sort((a, b) => a - b);
  if (wanted.includes(layout.size)) return null;
  return `size is ${layout.size}, wanted an end of a member: ${wanted.join(", ")} (${source})`;
}

function fieldProblems(current: FieldLayout, wanted: FieldLayout, source: string): string[] {
  const problems: string[] = [];
  for (const [index, what] of ["offset", "size"].entries()) {
    if (current[index] !== wanted[index]) {
      problems.push(`${what} is ${current[index]}, wanted ${wanted[index]} (${source})`);
    }
  }
  return problems;
}

function roundUp(size: number, alignment: number): number {
  return Math.ceil(size / alignment) * alignment;
}
