// Names for C text: each means one thing in its namespace, and each is an identifier.
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";

/** What no C17 program may call anything, as GNU C has it, and what clang itself declares. */
const KEYWORDS: ReadonlySet<string> = new Set(
  ("asm auto break case char const continue default do double else enum extern float for goto " +
    "if inline int long register restrict return short signed sizeof static struct switch " +
    "typedef typeof union unsigned void volatile while _Alignas _Alignof _Atomic _Bool _Complex " +
    "_Generic _Imaginary _Noreturn _Static_assert _Thread_local __int128 __builtin_va_list").split(
      " ",
    ),
);

/** Integer and float types that every C compiler for Linux knows by these names, with sizes. */
const KNOWN: ReadonlyMap<string, number> = new Map([
  ["char", 1],
  ["signed char", 1],
  ["unsigned char", 1],
  ["_Bool", 1],
  ["short", 2],
  ["short int", 2],
  ["unsigned short", 2],
  ["short unsigned int", 2],
  ["int", 4],
  ["unsigned int", 4],
  ["long", 8],
  ["long int", 8],
  ["unsigned long", 8],
  ["long unsigned int", 8],
  ["long long", 8],
  ["long long int", 8],
  ["unsigned long long", 8],
  ["long long unsigned int", 8],
  ["__int128", 16],
  ["unsigned __int128", 16],
  ["__int128 unsigned", 16],
  ["float", 4],
  ["double", 8],
  ["long double", 16],
]);

const SIGNED = ["signed char", "short", "int", "long long", "__int128"];
const UNSIGNED = ["unsigned char", "unsigned short", "unsigned int", "unsigned long long"];

/** `name` as an identifier: what C does not take becomes `_`, a keyword gets one behind it. */
export function identifier(name: string): string {
  const plain = name.replaceAll(/\W/g, "_");
  if (/^\d/.test(plain)) return `_${plain}`;
  return KEYWORDS.has(plain) ? `${plain}_` : plain;
}

/** The C name of an int or float; one of the same size where C knows no such name. */
export function scalarName(btf: Btf, id: TypeId): string | null {
  const name = btf.name(id);
  const size = btf.sizeOf(id);
  if (KNOWN.get(name) === size) return name;
  if (btf.kind(id) === "float") return size === 4 ? "float" : size === 8 ? "double" : null;
  return integerName(size, btf.int(id).signed ? "signed" : "unsigned");
}

/** An integer type of `size` bytes, null when C has none. */
export function integerName(size: number, sign: "signed" | "unsigned"): string | null {
  const place = Math.log2(size);
  if (!Number.isInteger(place) || place > 4) return null;
  if (sign === "signed") return SIGNED[place];
  return UNSIGNED[place] ?? "unsigned __int128";
}

/** One of C's namespaces: tags, or everything else that has a name of its own. */
export class Namespace {
  readonly #taken = new Map<string, number>();
  readonly #names = new Map<string, string>();

  /** The same name for the same key; another key with that name gets `name___2`. */
  name(key: string, wanted: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const plain = identifier(wanted);
    let count = (this.#taken.get(plain) ?? 0) + 1;
    let free = count === 1 ? plain : `${plain}___${count}`;
    while (count > 1 && this.#taken.has(free)) free = `${plain}___${++count}`;
    this.#taken.set(plain, count);
    if (free !== plain) this.#taken.set(free, 1);
    this.#names.set(key, free);
    return free;
  }
}
