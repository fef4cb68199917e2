// The one native type that stands for a C type in our tables.
import type { NativeType } from "./tables.ts";

const scalars: ReadonlyMap<string, NativeType> = new Map([
  ["void", "void"],
  ["_Bool", "bool"],
  ["bool", "bool"],
  ["signed char", "i8"],
  ["unsigned char", "u8"],
  ["short", "i16"],
  ["unsigned short", "u16"],
  ["int", "i32"],
  ["unsigned int", "u32"],
  ["long", "i64"],
  ["unsigned long", "u64"],
  ["long long", "i64"],
  ["unsigned long long", "u64"],
  ["float", "f32"],
  ["double", "f64"],
  // By name, before their typedef is followed: the same width as long, but not the same meaning.
  ["size_t", "usize"],
  ["ssize_t", "isize"],
]);

/** Structs that libbpf's headers only name: none but its own pointers may point there. */
const OPAQUE = /^struct (bpf_object|bpf_program|bpf_map|bpf_link|btf|btf_ext|.*_buffer)$/;

/**
 * `parameter` and `result` differ for pointers: memory of ours goes in as a buffer, memory of C
 * comes out as a pointer. Undefined for what no table can hold, such as a struct by value.
 */
export function nativeType(
  type: string,
  place: "parameter" | "result",
  typedefs: ReadonlyMap<string, string>,
): NativeType | undefined {
  const bare = unqualified(type);
  const scalar = scalars.get(bare);
  if (scalar !== undefined) return scalar;
  if (/^enum \w+$/.test(bare)) return "u32";
  if (/\(\*\)?\s*\(|\(\*\w*\)/.test(bare)) return place === "parameter" ? "function" : "pointer";
  if (bare.endsWith("*") || bare.endsWith("]")) {
    const target = unqualified(bare.replace(/(\*|\[\d*\])$/, ""));
    if (OPAQUE.test(target)) return `handle:${target.slice("struct ".length)}`;
    return place === "parameter" ? "buffer" : "pointer";
  }
  const aliased = typedefs.get(bare);
  return aliased === undefined ? undefined : nativeType(aliased, place, typedefs);
}

function unqualified(type: string): string {
  return type.replace(/\b(const|volatile|restrict|__restrict)\b/g, "").replace(/\s+/g, " ").trim();
}
